-- view: {relation}_parts
-- for: judged filings counted_labels
-- Nineteen of twenty numbers stand in the official form of a known issuer. They are taken apart here: what the parts
-- say, written out again, must be the text itself. Any other text is odd, and is read by the parser. A platform's
-- licence is odd, too: it is no licence.
SELECT
    p.*,
    i.short_name IS NOT NULL AS official,
    CASE WHEN i.short_name IS NULL THEN p.number_text END AS odd_text
FROM (
    SELECT
        r.*,
        SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 1), 2) AS issuer_part,
        '网微剧' || SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 2), 1, 2) AS words_part,
        SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 2), 4, 4) AS year_part,
        REPLACE(SPLIT_PART(r.number_text, '）第', 2), '号', '') AS serial_part
    FROM {relation} AS r
) AS p
LEFT JOIN issuers_known AS i
    ON i.short_name = p.issuer_part AND i.plain
    AND (p.words_part = '网微剧备字' OR (p.words_part = '网微剧审字' AND i.level <> 'platform'))
    AND LENGTH(p.year_part) = 4 AND TRANSLATE(p.year_part, '0123456789', '') = ''
    AND TRANSLATE(p.serial_part, '0123456789', '') = ''
    AND p.serial_part <> '' AND SUBSTR(p.serial_part, 1, 1) <> '0'
    AND p.number_text
        = '（' || p.issuer_part || '）' || p.words_part || '（' || p.year_part || '）第' || p.serial_part || '号'
