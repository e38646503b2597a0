-- view: facts
-- One row of facts for each judged title, in the words of the rules.
SELECT
    t.title_id, t.platform, t.name, t.kind, t.form, t.producer, t.uploader, t.investment_yuan, t.promoted,
    t.voluntary_tier, t.declared_tier, t.episode_count, t.longest_episode_s, t.status, t.stage,
    t.online_at, t.online_on, t.taken_down_at, t.reshown_at, t.reviewed_at,
    t.regime, t.online_on < :legacy_before AS legacy,
    t.special_subjects IS NOT NULL AS special_subject, t.special_subjects,
    f.title_id IS NOT NULL AS first_screen, t.promotion AS first_screen_triggers,
    t.episode_bound_s, t.episode_count_bound,
    CASE
        WHEN t.subject_triggers AND t.special_subjects IS NOT NULL THEN 1
        WHEN t.promotion AND (t.promoted OR f.title_id IS NOT NULL) THEN 1
        WHEN t.voluntary_1 AND t.voluntary_tier = 1 THEN 1
        WHEN t.investment_yuan IS NULL THEN NULL
        WHEN t.investment_yuan >= t.tier_1_from_yuan THEN 1
        WHEN t.voluntary_2 AND t.voluntary_tier = 2 THEN 2
        WHEN t.investment_yuan >= t.tier_2_from_yuan THEN 2
        ELSE 3
    END AS tier,
    t.permit_raw,
    t.permit_raw IS NULL OR COALESCE(t.reason = 'blank', FALSE) AS permit_blank,
    t.permit IS NOT NULL AS permit_parsed,
    CASE WHEN t.permit_raw IS NULL THEN 'blank' ELSE t.reason END AS permit_reason,
    t.permit, t.permit_family, t.permit_words, t.permit_year,
    t.permit IS NOT NULL AND (t.serial_is_zero OR h.permit IS NOT NULL) AS permit_placeholder,
    CASE
        WHEN t.permit_family IS NULL THEN NULL
        WHEN t.permit_family <> 'filing' THEN 1
        WHEN t.issuer_level IN ('national', 'province') THEN 2
        WHEN t.issuer_level = 'platform' THEN 3
    END AS permit_rank,
    t.issuer, t.issuer_level, t.issuer_operator, p.operator AS platform_operator,
    o.short_name IS NOT NULL AS issuer_is_own,
    t.platform_filing,
    t.registered,
    CASE
        WHEN t.permit_family IS NULL THEN FALSE
        WHEN t.permit_family <> 'filing' THEN :key_stale
        WHEN t.issuer_level IN ('national', 'province') THEN :ordinary_stale
        WHEN t.issuer_level = 'platform' THEN :other_stale
        ELSE :ordinary_stale OR :other_stale
    END AS register_stale,
    t.register_status, t.register_title, t.register_alt_name, t.register_producer, t.register_issued_on,
    COALESCE(c.register_name_equal, t.registered) AS register_name_equal,
    COALESCE(t.register_issued_on > t.online_on, FALSE) AS register_issued_late,
    COALESCE(c.producer_equal, t.producer = t.register_producer, FALSE) AS producer_equal,
    n.permit IS NOT NULL AS number_shared,
    p.av_licence AS platform_av_licence, p.registration_no AS platform_registration_no,
    p.valid_until AS platform_valid_until,
    COALESCE(l.label_present, FALSE) AS label_present,
    COALESCE(l.label_fresh, FALSE) AS label_fresh,
    COALESCE(l.label_readable, FALSE) AS label_readable,
    COALESCE(l.label_differs_shown, FALSE) AS label_differs_shown,
    COALESCE(l.label_differs_burned_in, FALSE) AS label_differs_burned_in,
    l.label_number,
    b.title_id IS NOT NULL AS label_title_differs,
    b.label_title,
    COALESCE(a.episodes_without_notice, 0) > 0 AS notice_missing,
    COALESCE(a.episodes_without_notice, 0) = 0
        AND (COALESCE(a.episodes_notice_unknown, 0) > 0 OR COALESCE(a.episodes_seen, 0) = 0) AS notice_unknown,
    COALESCE(a.episodes_seen, 0) AS episodes_seen,
    COALESCE(a.episodes_without_notice, 0) AS episodes_without_notice,
    COALESCE(a.episodes_notice_unknown, 0) AS episodes_notice_unknown
FROM titles_in_law AS t
JOIN platform_facts AS p ON p.platform = t.platform
LEFT JOIN platform_issuers AS o ON o.platform = t.platform AND o.short_name = t.issuer
LEFT JOIN placeholders AS h ON h.permit = t.permit
LEFT JOIN names_compared AS c ON c.title_id = t.title_id
LEFT JOIN shared_numbers AS n ON n.permit = t.permit
LEFT JOIN label_facts AS l ON l.title_id = t.title_id
LEFT JOIN label_title_facts AS b ON b.title_id = t.title_id
LEFT JOIN first_screen_titles AS f ON f.title_id = t.title_id
LEFT JOIN ai_notices AS a ON a.title_id = t.title_id
