-- scratch: repeated_numbers
-- Titles whose number stands on more than one title: the only ones whose names must be compared.
SELECT title_id, number_key
FROM keyed_titles SEMI JOIN (
    SELECT number_key FROM keyed_titles GROUP BY number_key HAVING COUNT(*) > 1
) USING (number_key)
