-- table: label_facts
-- The labels of each exception, summed up. A title without label rows has none of all this.
SELECT
    t.title_id,
    COALESCE(BOOL_OR(l.has_text), FALSE) AS label_present,
    COALESCE(BOOL_OR(l.fresh_text), FALSE) AS label_fresh,
    COALESCE(BOOL_OR(l.fresh_text AND l.permit IS NOT NULL), FALSE) AS label_readable,
    COALESCE(BOOL_OR(l.fresh_text AND l.channel <> 'burned_in' AND l.permit <> COALESCE(t.permit, '')), FALSE)
        AS label_differs_shown,
    COALESCE(BOOL_OR(l.fresh_text AND l.channel = 'burned_in' AND l.permit <> COALESCE(t.permit, '')), FALSE)
        AS label_differs_burned_in,
    MIN(l.permit) FILTER (l.fresh_text AND l.permit <> COALESCE(t.permit, '')) AS label_number,
    COALESCE(BOOL_OR(other_title(t.name, l.title_text) AND NOT l.stale AND t.online_on >= :label_title_from), FALSE)
        AS label_title_differs,
    MIN(l.title_text) FILTER (
        other_title(t.name, l.title_text) AND NOT l.stale AND t.online_on >= :label_title_from
    ) AS label_title
FROM exception_permits AS t
LEFT JOIN (
    SELECT
        e.title_id, e.channel, e.title_text, e.stale, n.permit,
        COALESCE(n.has_text, FALSE) AS has_text,
        COALESCE(n.has_text, FALSE) AND NOT e.stale AS fresh_text
    FROM exception_labels AS e LEFT JOIN label_numbers AS n USING (text)
) AS l USING (title_id)
GROUP BY t.title_id
