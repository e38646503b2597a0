-- view: label_title_facts
SELECT title_id, MIN(label_title) AS label_title FROM label_titles GROUP BY title_id
