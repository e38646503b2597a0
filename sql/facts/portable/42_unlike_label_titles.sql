-- read: label_titles
-- Titles shown on fresh label rows that are not, letter by letter, the name: name equality decides.
SELECT DISTINCT title_id, name, title_text
FROM label_rows
WHERE NOT stale AND online_on >= :label_title_from AND title_text <> name
