-- view: title_keys
-- The number of each micro-drama whose number was understood.
SELECT COALESCE(t.number_key, o.number_key) AS number_key
FROM title_numbers AS t LEFT JOIN odd_numbers AS o ON o.text = t.odd_text
WHERE COALESCE(t.number_key, o.number_key) IS NOT NULL
