-- scratch: unlike_labels
-- Nearly every label shows its title's number and name just as the catalog has them. These are the others, and titles
-- without label.
SELECT *
FROM (
    SELECT
        t.title_id, t.permit_raw, l.text,
        COALESCE(l.text <> t.permit_raw, TRUE) AS other_text,
        COALESCE(t.online_on >= :label_title_from AND l.title_text <> t.name, FALSE) AS other_title
    FROM microdramas AS t LEFT JOIN counted_labels AS l USING (title_id)
)
WHERE other_text OR other_title
