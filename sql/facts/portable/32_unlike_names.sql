-- read: names_compared
-- Titles whose name or producer is not, letter by letter, the register's: name equality decides.
SELECT title_id, name, producer, register_title, register_alt_name, register_producer
FROM registered_titles
WHERE
    registered
    AND (
        (name <> register_title AND (register_alt_name IS NULL OR name <> register_alt_name))
        OR (producer IS NOT NULL AND register_producer IS NOT NULL AND producer <> register_producer)
    )
