-- view: judged
-- The titles that are judged, with what their own row says. A title with a quarantined row is held without findings
-- and does not come this far. The number of a drama is not asked.
SELECT
    title_id, platform, name, kind, form, producer, uploader, investment_yuan, subjects, promoted,
    voluntary_tier, declared_tier, episode_count, longest_episode_s, status,
    CASE status WHEN 'online' THEN 'on_air' ELSE 'prepublish' END AS stage,
    online_at,
    COALESCE(CAST(online_at AS DATE), :as_of) AS online_on,
    taken_down_at, reshown_at, reviewed_at,
    CASE WHEN kind = 'micro_drama' THEN permit_number END AS permit_raw
FROM titles ANTI JOIN held_titles USING (title_id)
WHERE kind <> 'other' AND status <> 'offline'
