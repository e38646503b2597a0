-- table: shared_numbers
-- Numbers that stand on titles with different names (name equality).
SELECT number_key
FROM (
    SELECT r.number_key, t.name
    FROM repeated_numbers AS r JOIN microdramas AS t USING (title_id)
)
GROUP BY number_key
HAVING MIN(name) <> MAX(name) AND COUNT(DISTINCT name_key(name)) > 1
