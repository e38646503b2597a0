-- view: keyed_register
SELECT number_key, status, title_name, alt_name, producer, issued_on, updated_at
FROM register_rows WHERE odd_text IS NULL
UNION ALL
SELECT o.number_key, r.status, r.title_name, r.alt_name, r.producer, r.issued_on, r.updated_at
FROM register_rows AS r JOIN odd_numbers AS o ON o.text = r.odd_text
WHERE o.number_key IS NOT NULL
