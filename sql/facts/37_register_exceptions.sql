-- scratch: register_exceptions, joined as written
-- Nearly every title stands in the register just as in the catalog: one active row without an alternative name, of the
-- same name and producer, issued by the online day, in an extract that is fresh. These are the others, with each of
-- their register rows.
SELECT
    t.title_id, t.name, t.producer AS title_producer, t.number_key, w.number_key IS NOT NULL AS watched, COALESCE(w.on_titles, FALSE) AS on_titles,
    r.number_key IS NOT NULL AS registered,
    r.status, r.title_name, r.alt_name, r.producer, r.issued_on, r.updated_at
FROM numbered_titles AS t
LEFT JOIN numbered_register AS r ON r.number_key = t.number_key
LEFT JOIN watched_numbers AS w ON w.number_key = t.number_key
WHERE
    r.number_key IS NULL
    OR w.number_key IS NOT NULL
    OR t.register_stale
    OR r.status <> 'active'
    OR r.title_name <> t.name
    OR r.alt_name IS NOT NULL
    OR r.producer IS DISTINCT FROM t.producer
    OR COALESCE(r.issued_on > t.online_on, FALSE)
