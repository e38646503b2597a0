-- scratch: shared_numbers
-- Numbers that stand on micro-dramas with different names (name equality).
SELECT number_key
FROM (SELECT number_key, name FROM register_exceptions WHERE on_titles)
SEMI JOIN (
    SELECT number_key FROM register_exceptions WHERE on_titles
    GROUP BY number_key HAVING MIN(name) <> MAX(name)
) USING (number_key)
GROUP BY number_key
HAVING COUNT(DISTINCT name_key(name)) > 1
