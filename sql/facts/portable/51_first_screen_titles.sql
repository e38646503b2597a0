-- view: first_screen_titles
-- Titles with a first-screen placement active on the as-of day; one title may have millions.
SELECT DISTINCT title_id FROM active_placements WHERE slot = 'first_screen'
