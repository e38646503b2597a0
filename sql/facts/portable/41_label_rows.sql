-- view: label_rows
-- Label rows with the number that each shows, beside the title's own.
SELECT
    t.title_id, t.name, t.online_on, t.permit, l.channel, l.title_text,
    s.media_hash IS NOT NULL AS stale,
    l.official OR COALESCE(f.has_text, FALSE) AS has_text,
    CASE WHEN l.official THEN l.number_text ELSE f.permit END AS label_permit
FROM registered_titles AS t
JOIN counted_labels_parts AS l ON l.title_id = t.title_id
LEFT JOIN found_numbers AS f ON f.text = l.odd_text
LEFT JOIN stale_hashes AS s ON s.title_id = l.title_id AND s.media_hash = l.media_hash
WHERE t.kind = 'micro_drama'
