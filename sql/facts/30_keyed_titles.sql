-- view: keyed_titles
-- Titles whose number was understood, by key.
SELECT t.title_id, COALESCE(t.number_key, o.number_key) AS number_key
FROM title_numbers AS t LEFT JOIN odd_numbers AS o ON o.text = t.odd_text
WHERE COALESCE(t.number_key, o.number_key) IS NOT NULL
