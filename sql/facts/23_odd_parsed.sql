-- scratch: odd_parsed
-- A licence of a platform is no licence: it counts as not understood.
SELECT
    text, family, issuer, words, year, serial,
    CASE WHEN wrong_issuer THEN NULL ELSE canonical END AS permit,
    CASE WHEN wrong_issuer THEN 'wrong_issuer' ELSE reason END AS reason
FROM (
    SELECT
        n.*,
        COALESCE(n.family IN ('licence', 'series_licence') AND i.level = 'platform', FALSE) AS wrong_issuer
    FROM odd_texts_parsed AS n LEFT JOIN issuers_known AS i ON i.short_name = n.issuer
)
