-- scratch: notice_extras
-- The notices of AI-made titles, unless there are episodes and each gives one.
SELECT
    t.title_id, COALESCE(e.episodes_seen, 0) AS episodes_seen,
    COALESCE(e.episodes_without_notice, 0) AS episodes_without_notice,
    COALESCE(e.episodes_notice_unknown, 0) AS episodes_notice_unknown
FROM (SELECT title_id FROM microdramas WHERE form = 'ai') AS t
LEFT JOIN (
    SELECT
        title_id,
        COUNT(*) AS episodes_seen,
        COUNT(*) FILTER (ai_notice = FALSE) AS episodes_without_notice,
        COUNT(*) FILTER (ai_notice IS NULL) AS episodes_notice_unknown
    FROM (SELECT title_id, ai_notice FROM episodes)
    SEMI JOIN (SELECT title_id FROM microdramas WHERE form = 'ai') USING (title_id)
    GROUP BY title_id
) AS e USING (title_id)
WHERE e.title_id IS NULL OR e.episodes_without_notice > 0 OR e.episodes_notice_unknown > 0
