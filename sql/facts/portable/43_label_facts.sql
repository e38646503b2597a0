-- view: label_facts
-- The labels of each title, summed up. A title without label rows has none of all this.
SELECT
    title_id,
    BOOL_OR(has_text) AS label_present,
    BOOL_OR(fresh_text) AS label_fresh,
    BOOL_OR(fresh_text AND label_permit IS NOT NULL) AS label_readable,
    BOOL_OR(differs AND channel <> 'burned_in') AS label_differs_shown,
    BOOL_OR(differs AND channel = 'burned_in') AS label_differs_burned_in,
    MIN(CASE WHEN differs THEN label_permit END) AS label_number
FROM (
    SELECT
        title_id, channel, has_text, label_permit,
        has_text AND NOT stale AS fresh_text,
        COALESCE(has_text AND NOT stale AND label_permit <> COALESCE(permit, ''), FALSE) AS differs
    FROM label_rows
) AS l
GROUP BY title_id
