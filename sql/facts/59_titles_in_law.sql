-- view: titles_in_law
-- Judged titles with their number, the law of their day, and what other relations say of them.
SELECT
    k.* EXCLUDE (number_key, prefix_no),
    w.* EXCLUDE (law_no),
    x.* EXCLUDE (title_id, first_screen, register_differs, notices_differ),
    k.online_on < :legacy_before AS legacy,
    COALESCE(x.first_screen, FALSE) AS first_screen,
    COALESCE(x.register_differs, FALSE) AS register_differs,
    COALESCE(x.notices_differ, FALSE) AS notices_differ,
    CASE WHEN k.number_key IS NOT NULL THEN k.prefix_no WHEN o.permit IS NOT NULL THEN o.prefix_no ELSE 0 END
        AS prefix_no,
    CASE WHEN k.number_key IS NOT NULL THEN k.permit_raw ELSE o.permit END AS permit,
    o.reason,
    CASE WHEN k.number_key IS NOT NULL THEN k.number_key % 1000000000000 = 0 ELSE o.serial_is_zero END AS serial_is_zero
FROM (FROM keyed('judged_in_law')) AS k
JOIN law AS w ON w.law_no = k.law_no
LEFT JOIN title_extras AS x ON x.title_id = k.title_id
LEFT JOIN odd_numbers AS o ON o.text = CASE WHEN k.number_key IS NULL THEN k.permit_raw END
