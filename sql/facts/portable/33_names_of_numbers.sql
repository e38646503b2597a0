-- read: named_numbers
-- The names under each number that stands on titles with more than one, each once.
SELECT DISTINCT t.permit, t.name
FROM registered_titles AS t
JOIN (
    SELECT permit FROM registered_titles WHERE permit IS NOT NULL GROUP BY permit HAVING MIN(name) <> MAX(name)
) AS m ON m.permit = t.permit
