-- scratch: label_facts
-- The labels of each exception, summed up. A title without label rows has none of all this.
SELECT
    title_id,
    BOOL_OR(has_text) AS label_present,
    BOOL_OR(fresh_text) AS label_fresh,
    BOOL_OR(fresh_text AND label_permit IS NOT NULL) AS label_readable,
    BOOL_OR(differs AND channel <> 'burned_in') AS label_differs_shown,
    BOOL_OR(differs AND channel = 'burned_in') AS label_differs_burned_in,
    MIN(label_permit) FILTER (differs) AS label_number,
    BOOL_OR(other_name) AS label_title_differs,
    MIN(title_text) FILTER (other_name) AS label_title
FROM (
    SELECT
        *,
        has_text AND NOT stale AS fresh_text,
        COALESCE(has_text AND NOT stale AND label_permit <> COALESCE(permit, ''), FALSE) AS differs,
        NOT stale AND online_on >= :label_title_from AND other_name(name, title_text) AS other_name
    FROM exception_labels
)
GROUP BY title_id
