-- view: exception_permits
-- What the labels of the exceptions are held against.
SELECT t.title_id, t.name, t.online_on, CASE WHEN n.odd_text IS NULL THEN t.permit_raw ELSE o.permit END AS permit
FROM (FROM microdramas SEMI JOIN label_exceptions USING (title_id)) AS t
LEFT JOIN (FROM title_numbers SEMI JOIN label_exceptions USING (title_id)) AS n USING (title_id)
LEFT JOIN odd_numbers AS o ON o.text = n.odd_text
