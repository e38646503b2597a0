-- scratch: register_extras
-- What the register says of each of these titles. Of several rows with one number the active one counts, then the
-- newest; the rest of the order only makes it one.
SELECT
    title_id, registered, number_key IN (SELECT number_key FROM shared_numbers) AS number_shared,
    status AS register_status, title_name AS register_title, alt_name AS register_alt_name,
    producer AS register_producer, issued_on AS register_issued_on,
    CASE
        WHEN NOT registered THEN FALSE
        WHEN name = alt_name THEN TRUE -- said before what takes longer to find out
        WHEN NOT other_name(name, title_name) THEN TRUE
        ELSE alt_name IS NOT NULL AND NOT other_name(name, alt_name)
    END AS register_name_equal,
    title_producer IS NOT NULL AND producer IS NOT NULL AND NOT other_name(title_producer, producer)
        AS producer_equal
FROM (
    FROM register_exceptions WHERE NOT watched
    UNION ALL
    FROM (
        SELECT DISTINCT ON (title_id) * FROM register_exceptions WHERE watched
        ORDER BY
            title_id, status = 'active' DESC, issued_on DESC NULLS LAST, updated_at DESC,
            title_name, alt_name NULLS LAST, producer NULLS LAST, status
    )
)
