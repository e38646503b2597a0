-- kept: registered_titles
-- Judged titles with their number and its register row. Everything later looks at this, so it is made once.
SELECT
    t.title_id, t.platform, t.name, t.kind, t.form, t.producer, t.uploader, t.investment_yuan, t.subjects, t.promoted,
    t.voluntary_tier, t.declared_tier, t.episode_count, t.longest_episode_s, t.status, t.stage, t.online_at, t.online_on,
    t.taken_down_at, t.reshown_at, t.reviewed_at, t.permit_raw,
    t.permit, t.reason, t.permit_family, t.issuer, t.permit_words, t.permit_year, t.serial_is_zero,
    r.permit IS NOT NULL AS registered,
    r.status AS register_status, r.title_name AS register_title, r.alt_name AS register_alt_name,
    r.producer AS register_producer, r.issued_on AS register_issued_on
FROM judged_numbers AS t LEFT JOIN registered AS r ON r.permit = t.permit
