-- scratch: unlike_labels, joined as written
-- Nearly every label shows its title's number and name just as the catalog has them, and belongs to the video that is
-- shown. These are the others, titles without label, and those whose own number was not understood.
SELECT *
FROM (
    SELECT
        t.title_id, t.name, t.online_on, t.permit_raw, l.text,
        COALESCE(l.text <> t.permit_raw, TRUE)
            OR t.permit_raw IN (SELECT text FROM odd_numbers WHERE permit IS NULL) AS other_text,
        COALESCE(t.online_on >= :label_title_from AND l.title_text <> t.name, FALSE) AS other_title,
        s.media_hash IS NOT NULL AS stale
    FROM microdramas AS t
    LEFT JOIN counted_labels AS l ON l.title_id = t.title_id
    LEFT JOIN stale_hashes AS s ON s.title_id = l.title_id AND s.media_hash = l.media_hash
)
WHERE other_text OR other_title OR stale
