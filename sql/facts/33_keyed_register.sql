-- view: keyed_register
-- Register rows whose number was understood, by key.
SELECT
    COALESCE(r.number_key, o.number_key) AS number_key,
    r.status, r.title_name, r.alt_name, r.producer, r.issued_on, r.updated_at
FROM register_rows AS r LEFT JOIN odd_numbers AS o ON o.text = r.odd_text
WHERE COALESCE(r.number_key, o.number_key) IS NOT NULL
