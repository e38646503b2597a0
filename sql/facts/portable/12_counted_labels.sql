-- view: counted_labels
-- Label rows that count: a burned-in reading of little confidence is dropped.
SELECT title_id, channel, text AS number_text, title_text, media_hash
FROM labels
WHERE channel <> 'burned_in' OR confidence IS NULL OR confidence >= :label_confidence_floor
