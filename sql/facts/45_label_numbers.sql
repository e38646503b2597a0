-- scratch: label_numbers
-- The number that each of these texts shows, if any; a platform's licence is none.
SELECT
    n.text, n.reason IS DISTINCT FROM 'blank' AS has_text,
    CASE
        WHEN n.family IN ('licence', 'series_licence') AND i.level = 'platform' THEN NULL
        ELSE n.canonical
    END AS permit
FROM label_texts_found AS n LEFT JOIN issuers_known AS i ON i.short_name = n.issuer
