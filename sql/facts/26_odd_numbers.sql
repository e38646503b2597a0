-- table: odd_numbers
-- Every odd text with its key. A V number's key holds its digits, and whether they are 14 or 15.
SELECT
    o.text, o.permit, o.reason,
    COALESCE(p.prefix_no, x.prefix_no) AS prefix_no,
    CASE
        WHEN o.permit IS NULL THEN NULL
        WHEN o.family = 'online_filing'
            THEN 4000000000000000000 + (LENGTH(o.serial) - 14) * 1000000000000000 + CAST(o.serial AS BIGINT)
        WHEN u.number_key IS NOT NULL THEN u.number_key
        ELSE p.prefix_no * 1000000000000 + CAST(o.serial AS BIGINT)
    END AS number_key,
    COALESCE(LTRIM(o.serial, '0') = '', FALSE) AS serial_is_zero
FROM odd_parsed AS o
LEFT JOIN number_prefixes AS p ON p.issuer = o.issuer AND p.words = o.words AND p.year = o.year
LEFT JOIN odd_prefixes AS x
    ON x.family = o.family
    AND x.issuer IS NOT DISTINCT FROM o.issuer
    AND x.words IS NOT DISTINCT FROM o.words
    AND x.year IS NOT DISTINCT FROM o.year
LEFT JOIN uncovered_numbers AS u ON u.permit = o.permit
