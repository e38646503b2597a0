-- view: numbered_register
-- Register rows whose number was understood.
SELECT
    COALESCE(r.number_key, o.number_key) AS number_key,
    r.status, r.title_name, r.alt_name, r.producer, r.issued_on, r.updated_at
FROM keyed('register_texts') AS r
LEFT JOIN odd_numbers AS o ON o.text = CASE WHEN r.number_key IS NULL THEN r.permit_raw END
WHERE COALESCE(r.number_key, o.number_key) IS NOT NULL
