-- table: unlike_labels
-- Nearly every label shows its title's number just as the catalog has it. These are the others, and titles without label.
SELECT t.title_id, t.permit_raw, l.text
FROM microdramas AS t LEFT JOIN counted_labels AS l USING (title_id)
WHERE t.permit_raw IS NULL OR l.text IS NULL OR l.text <> t.permit_raw
