-- scratch: shared_number_titles
-- Titles whose number stands on titles with different names (name equality).
SELECT title_id
FROM repeated_numbers SEMI JOIN (
    SELECT number_key
    FROM (SELECT r.number_key, t.name FROM repeated_numbers AS r JOIN microdramas AS t USING (title_id))
    GROUP BY number_key
    HAVING MIN(name) <> MAX(name) AND COUNT(DISTINCT name_key(name)) > 1
) USING (number_key)
