-- table: title_extras
-- What other relations say of a title beyond the ordinary, in one row: one join later instead of four.
SELECT
    title_id,
    f.title_id IS NOT NULL AS first_screen,
    r.title_id IS NOT NULL AS register_differs,
    r.* EXCLUDE (title_id),
    l.* EXCLUDE (title_id),
    a.title_id IS NOT NULL AS notices_differ,
    a.* EXCLUDE (title_id)
FROM label_facts AS l
FULL JOIN notice_extras AS a USING (title_id)
FULL JOIN first_screen_titles AS f USING (title_id)
FULL JOIN register_extras AS r USING (title_id)
