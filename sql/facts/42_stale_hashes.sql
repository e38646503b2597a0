-- scratch: stale_hashes
-- ... which makes them stale, unless the title's episodes have no hash to compare with.
SELECT title_id, media_hash
FROM unmatched_hashes SEMI JOIN (SELECT title_id FROM episodes WHERE media_hash IS NOT NULL) USING (title_id)
