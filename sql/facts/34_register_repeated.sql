-- table: register_repeated
-- Of several rows with one number the active one counts, then the newest; the rest of the order only makes it one.
SELECT DISTINCT ON (number_key) number_key, status, title_name, alt_name, producer, issued_on
FROM keyed_register SEMI JOIN (
    SELECT number_key FROM keyed_register GROUP BY number_key HAVING COUNT(*) > 1
) USING (number_key)
ORDER BY
    number_key, status = 'active' DESC, issued_on DESC NULLS LAST, updated_at DESC,
    title_name, alt_name NULLS LAST, producer NULLS LAST, status
