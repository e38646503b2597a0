-- table: exception_labels
SELECT l.title_id, l.channel, l.text, given(l.title_text) AS title_text, s.media_hash IS NOT NULL AS stale
FROM (FROM counted_labels SEMI JOIN label_exceptions USING (title_id)) AS l
LEFT JOIN stale_hashes AS s ON s.title_id = l.title_id AND s.media_hash = l.media_hash
