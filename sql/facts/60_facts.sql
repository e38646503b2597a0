-- view: facts
-- One row of facts for each judged title, in the words of the rules.
SELECT
    t.title_id, t.platform, t.name, t.kind, t.form, t.producer, t.uploader, t.investment_yuan, t.promoted,
    t.voluntary_tier, t.declared_tier, t.episode_count, t.longest_episode_s, t.status, t.stage,
    t.online_at, t.online_on, t.taken_down_at, t.reshown_at, t.reviewed_at,
    t.regime, t.legacy, t.special_subjects IS NOT NULL AS special_subject, t.special_subjects,
    t.first_screen, t.promotion AS first_screen_triggers, t.episode_bound_s, t.episode_count_bound,
    CASE
        WHEN t.subject_triggers AND t.special_subjects IS NOT NULL THEN 1
        WHEN t.promotion AND (t.promoted OR t.first_screen) THEN 1
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
    t.permit, n.family AS permit_family, n.words AS permit_words, n.year AS permit_year,
    t.permit IS NOT NULL AND (t.serial_is_zero OR t.permit IN (SELECT permit FROM placeholders)) AS permit_placeholder,
    n.permit_rank, n.issuer, n.issuer_level, n.issuer_operator, p.operator AS platform_operator,
    n.issuer IS NOT NULL AND COALESCE(LIST_CONTAINS(p.short_names, n.issuer), FALSE) AS issuer_is_own,
    n.platform_filing,
    CASE WHEN t.register_differs THEN t.registered ELSE t.permit IS NOT NULL END AS registered,
    n.register_stale,
    CASE WHEN t.register_differs THEN t.register_status WHEN t.permit IS NOT NULL THEN 'active' END AS register_status,
    CASE WHEN t.register_differs THEN t.register_title WHEN t.permit IS NOT NULL THEN t.name END AS register_title,
    t.register_alt_name,
    CASE WHEN t.register_differs THEN t.register_producer WHEN t.permit IS NOT NULL THEN t.producer END
        AS register_producer,
    t.register_issued_on,
    CASE WHEN t.register_differs THEN t.register_name_equal ELSE t.permit IS NOT NULL END AS register_name_equal,
    COALESCE(t.register_issued_on > t.online_on, FALSE) AS register_issued_late,
    CASE WHEN t.register_differs THEN t.producer_equal ELSE t.permit IS NOT NULL AND t.producer IS NOT NULL END
        AS producer_equal,
    COALESCE(t.number_shared, FALSE) AS number_shared,
    p.av_licence AS platform_av_licence, p.registration_no AS platform_registration_no,
    p.valid_until AS platform_valid_until,
    COALESCE(t.label_present, TRUE) AS label_present,
    COALESCE(t.label_fresh, TRUE) AS label_fresh,
    COALESCE(t.label_readable, TRUE) AS label_readable,
    COALESCE(t.label_differs_shown, FALSE) AS label_differs_shown,
    COALESCE(t.label_differs_burned_in, FALSE) AS label_differs_burned_in,
    t.label_number,
    COALESCE(t.label_title_differs, FALSE) AS label_title_differs,
    t.label_title,
    t.notices_differ AND t.episodes_without_notice > 0 AS notice_missing,
    t.notices_differ AND t.episodes_without_notice = 0 AS notice_unknown,
    COALESCE(t.episodes_seen, 0) AS episodes_seen,
    COALESCE(t.episodes_without_notice, 0) AS episodes_without_notice,
    COALESCE(t.episodes_notice_unknown, 0) AS episodes_notice_unknown
FROM titles_in_law AS t
JOIN platform_facts AS p ON p.platform = t.platform
JOIN prefix_facts AS n ON n.prefix_no = t.prefix_no
