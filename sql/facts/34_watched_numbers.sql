-- scratch: watched_numbers
SELECT number_key, BOOL_OR(on_titles) AS on_titles
FROM (
    SELECT number_key, TRUE AS on_titles FROM repeated_on_titles
    UNION ALL
    SELECT number_key, FALSE FROM repeated_in_register
)
GROUP BY number_key
