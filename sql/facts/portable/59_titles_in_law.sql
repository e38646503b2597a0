-- view: titles_in_law
-- Titles with the law of their online day, unless grandfathering is off, and what their number is worth.
SELECT
    t.*,
    w.regime, w.promotion, w.subject_triggers, w.voluntary_1, w.voluntary_2, w.tier_1_from_yuan, w.tier_2_from_yuan,
    w.episode_bound_s, w.episode_count_bound,
    s.words AS special_subjects,
    i.level AS issuer_level,
    CASE WHEN i.level = 'platform' THEN i.operator END AS issuer_operator,
    COALESCE(t.permit_family = 'filing' AND i.level = 'platform', FALSE) AS platform_filing
FROM registered_titles AS t
JOIN law AS w
    ON w.form = t.form
    AND CASE WHEN :grandfathering THEN t.online_on ELSE GREATEST(t.online_on, :as_of) END >= w.from_on
    AND CASE WHEN :grandfathering THEN t.online_on ELSE GREATEST(t.online_on, :as_of) END < w.before_on
LEFT JOIN special_subjects AS s ON s.text = t.subjects
LEFT JOIN issuers_known AS i ON i.short_name = t.issuer
