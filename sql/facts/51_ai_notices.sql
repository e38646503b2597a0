-- scratch: ai_notices
-- The notices on the episodes of AI-made titles.
SELECT
    title_id,
    COUNT(*) AS episodes_seen,
    COUNT(*) FILTER (ai_notice = FALSE) AS episodes_without_notice,
    COUNT(*) FILTER (ai_notice IS NULL) AS episodes_notice_unknown
FROM (SELECT title_id, ai_notice FROM episodes)
SEMI JOIN (SELECT title_id FROM judged WHERE form = 'ai' AND kind = 'micro_drama') USING (title_id)
GROUP BY title_id
