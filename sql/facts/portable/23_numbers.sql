-- view: {relation}_numbers
-- for: judged filings
-- Each row with its number taken apart, or the reason why it cannot be.
SELECT
    p.*,
    CASE WHEN p.official THEN p.number_text ELSE o.permit END AS permit,
    o.reason,
    CASE
        WHEN NOT p.official THEN o.family WHEN p.words_part = '网微剧备字' THEN 'filing' ELSE 'licence'
    END AS permit_family,
    CASE WHEN p.official THEN p.issuer_part ELSE o.issuer END AS issuer,
    CASE WHEN p.official THEN p.words_part ELSE o.words END AS permit_words,
    CASE WHEN p.official THEN CAST(p.year_part AS INTEGER) ELSE o.year END AS permit_year,
    COALESCE(o.serial_is_zero, FALSE) AS serial_is_zero
FROM {relation}_parts AS p LEFT JOIN parsed_numbers AS o ON o.text = p.odd_text
