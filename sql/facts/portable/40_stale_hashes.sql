-- view: stale_hashes
-- Media hashes of label rows that are no episode's of the title, unless its episodes have none to compare with.
SELECT l.title_id, l.media_hash
FROM (SELECT DISTINCT title_id, media_hash FROM counted_labels WHERE media_hash IS NOT NULL) AS l
WHERE
    NOT EXISTS (SELECT 1 FROM episodes AS e WHERE e.title_id = l.title_id AND e.media_hash = l.media_hash)
    AND EXISTS (SELECT 1 FROM episodes AS e WHERE e.title_id = l.title_id AND e.media_hash IS NOT NULL)
