-- view: odd_texts
-- Only these are worth folding and parsing, each once.
SELECT odd_text AS text FROM title_numbers WHERE odd_text IS NOT NULL
UNION
SELECT odd_text FROM register_numbers WHERE odd_text IS NOT NULL
