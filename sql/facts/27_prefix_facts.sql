-- table: prefix_facts
-- What a number's prefix says: family, issuer, and what the issuer's filings are worth. Prefix 0 stands for no number.
SELECT
    n.prefix_no, n.family, n.issuer, n.words, n.year,
    i.level AS issuer_level, CASE WHEN i.level = 'platform' THEN i.operator END AS issuer_operator,
    COALESCE(n.family = 'filing' AND i.level = 'platform', FALSE) AS platform_filing,
    CASE
        WHEN n.family IS NULL THEN NULL
        WHEN n.family <> 'filing' THEN 1
        WHEN i.level IN ('national', 'province') THEN 2
        WHEN i.level = 'platform' THEN 3
    END AS permit_rank,
    CASE
        WHEN n.family IS NULL THEN FALSE
        WHEN n.family <> 'filing' THEN :key_stale
        WHEN i.level IN ('national', 'province') THEN :ordinary_stale
        WHEN i.level = 'platform' THEN :other_stale
        ELSE :ordinary_stale OR :other_stale
    END AS register_stale
FROM (
    SELECT prefix_no, family, issuer, words, year FROM number_prefixes
    UNION ALL
    SELECT prefix_no, family, issuer, words, year FROM odd_prefixes
    UNION ALL
    SELECT 0, NULL, NULL, NULL, NULL
) AS n
LEFT JOIN issuers_known AS i ON i.short_name = n.issuer
