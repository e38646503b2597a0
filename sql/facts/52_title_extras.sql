-- table: title_extras
-- What other relations say of a title beyond the ordinary, in one row: one join later instead of four.
SELECT
    title_id,
    s.title_id IS NOT NULL AS number_shared,
    f.title_id IS NOT NULL AS first_screen,
    l.* EXCLUDE (title_id),
    a.* EXCLUDE (title_id)
FROM label_facts AS l
FULL JOIN ai_notices AS a USING (title_id)
FULL JOIN first_screen_titles AS f USING (title_id)
FULL JOIN shared_number_titles AS s USING (title_id)
