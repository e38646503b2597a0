-- view: keyed_titles
-- Titles whose number was understood, by key.
SELECT title_id, number_key FROM title_numbers WHERE odd_text IS NULL
UNION ALL
SELECT t.title_id, o.number_key FROM title_numbers AS t JOIN odd_numbers AS o ON o.text = t.odd_text
WHERE o.number_key IS NOT NULL
