-- scratch: unmatched_hashes
-- Media hashes of label rows that are no episode's of the title,
SELECT DISTINCT title_id, media_hash
FROM (SELECT title_id, media_hash FROM counted_labels WHERE media_hash IS NOT NULL)
ANTI JOIN episodes USING (title_id, media_hash)
