-- view: register_keys
-- The number of each register row whose number was understood.
SELECT COALESCE(r.number_key, o.number_key) AS number_key
FROM register_numbers AS r LEFT JOIN odd_numbers AS o ON o.text = r.odd_text
WHERE COALESCE(r.number_key, o.number_key) IS NOT NULL
