-- scratch: unlike_labels, joined as written
-- Nearly every label shows its title's number and name just as the catalog has them. These are the others, titles
-- without label, and those whose own number was not understood.
SELECT *
FROM (
    SELECT
        t.title_id, t.permit_raw, l.text,
        COALESCE(l.text <> t.permit_raw, TRUE)
            OR t.permit_raw IN (SELECT text FROM odd_numbers WHERE permit IS NULL) AS other_text,
        COALESCE(t.online_on >= :label_title_from AND l.title_text <> t.name, FALSE) AS other_title
    FROM microdramas AS t LEFT JOIN counted_labels AS l USING (title_id)
)
WHERE other_text OR other_title
