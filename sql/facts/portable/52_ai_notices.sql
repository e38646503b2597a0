-- view: ai_notices
-- The notices on the episodes of AI-made titles, summed up before they meet the titles.
SELECT
    title_id,
    COUNT(*) AS episodes_seen,
    SUM(CASE WHEN ai_notice = FALSE THEN 1 ELSE 0 END) AS episodes_without_notice,
    SUM(CASE WHEN ai_notice IS NULL THEN 1 ELSE 0 END) AS episodes_notice_unknown
FROM episodes AS e
WHERE EXISTS (SELECT 1 FROM titles AS t WHERE t.title_id = e.title_id AND t.form = 'ai' AND t.kind = 'micro_drama')
GROUP BY title_id
