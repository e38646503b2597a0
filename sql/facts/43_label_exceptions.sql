-- table: label_exceptions
-- Nearly every title has labels that show its number just as the catalog has it, and are fresh. Only the others are
-- looked at closely: no label, another text, a stale row, another title, a number that was not understood.
SELECT t.title_id
FROM microdramas AS t LEFT JOIN counted_labels AS l USING (title_id)
WHERE t.permit_raw IS NULL OR l.text IS NULL OR l.text <> t.permit_raw
UNION
SELECT t.title_id FROM title_numbers AS t JOIN odd_numbers AS o ON o.text = t.odd_text WHERE o.permit IS NULL
UNION
SELECT title_id FROM stale_hashes
UNION
SELECT t.title_id
FROM (SELECT title_id, title_text FROM counted_labels WHERE title_text IS NOT NULL) AS l
JOIN (SELECT title_id, name FROM microdramas WHERE online_on >= :label_title_from) AS t USING (title_id)
WHERE l.title_text <> t.name
