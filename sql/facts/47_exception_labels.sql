-- view: exception_labels
-- Their label rows, each with the number it shows and whether it is stale. A text that was not worth reading shows the
-- title's own number.
SELECT
    t.title_id, t.name, t.online_on, t.permit, l.channel, given(l.title_text) AS title_text,
    s.media_hash IS NOT NULL AS stale,
    COALESCE(n.has_text, l.text IS NOT NULL) AS has_text,
    CASE WHEN n.text IS NOT NULL THEN n.permit WHEN l.text IS NOT NULL THEN t.permit END AS label_permit
FROM label_exceptions AS t
LEFT JOIN (FROM counted_labels SEMI JOIN sifted_titles('label_exceptions') USING (title_id)) AS l USING (title_id)
LEFT JOIN stale_hashes AS s ON s.title_id = l.title_id AND s.media_hash = l.media_hash
LEFT JOIN label_numbers AS n ON n.text = l.text
