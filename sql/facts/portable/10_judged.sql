-- view: judged
-- The titles that are judged, with what their own row says; only a micro-drama's number is looked at. A title with a
-- quarantined row is held without findings and does not come this far.
SELECT
    t.title_id, t.platform, t.name, t.kind, t.form, t.producer, t.uploader, t.investment_yuan, t.subjects, t.promoted,
    t.voluntary_tier, t.declared_tier, t.episode_count, t.longest_episode_s, t.status,
    CASE t.status WHEN 'online' THEN 'on_air' ELSE 'prepublish' END AS stage,
    t.online_at,
    COALESCE(CAST(t.online_at AS DATE), :as_of) AS online_on,
    t.taken_down_at, t.reshown_at, t.reviewed_at,
    t.permit_number AS permit_raw,
    CASE WHEN t.kind = 'micro_drama' THEN t.permit_number END AS number_text
FROM titles AS t
WHERE
    t.kind <> 'other' AND t.status <> 'offline'
    AND NOT EXISTS (SELECT 1 FROM held_titles AS h WHERE h.title_id = t.title_id)
