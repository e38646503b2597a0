-- view: numbered_titles
-- Titles whose number was understood, with what is compared with the register.
SELECT
    k.title_id, k.name, k.producer, k.online_on,
    COALESCE(k.number_key, o.number_key) AS number_key, n.register_stale
FROM (FROM keyed('microdramas') WHERE permit_raw IS NOT NULL) AS k
LEFT JOIN odd_numbers AS o ON o.text = CASE WHEN k.number_key IS NULL THEN k.permit_raw END
JOIN prefix_facts AS n ON n.prefix_no = CASE WHEN k.number_key IS NULL THEN o.prefix_no ELSE k.prefix_no END
WHERE COALESCE(k.number_key, o.number_key) IS NOT NULL
