SELECT
    drama_id AS title_id,
    account_id AS platform,
    drama_name AS name,
    CASE drama_type WHEN 1 THEN 'micro_drama' WHEN 2 THEN 'drama' WHEN 3 THEN 'other' ELSE 'unknown' END AS kind,
    CASE made_with WHEN 1 THEN 'live_action' WHEN 2 THEN 'ai' WHEN 3 THEN 'animation' ELSE 'unknown' END AS form,
    producer,
    CASE uploaded_by_person WHEN 0 THEN 'institution' WHEN 1 THEN 'individual' ELSE 'unknown' END AS uploader,
    -- A ten-thousandth of ten thousand yuan is one yuan; SQLite counts in floating point, hence the rounding.
    ROUND(production_cost_wan * 10000) AS investment_yuan,
    subjects,
    main_push AS promoted,
    NULL AS voluntary_tier,
    NULL AS declared_tier,
    media_count AS episode_count,
    longest_media_s AS longest_episode_s,
    CASE drama_status
        WHEN 0 THEN 'draft' WHEN 1 THEN 'scheduled' WHEN 2 THEN 'online' WHEN 3 THEN 'offline' ELSE 'unknown'
    END AS status,
    publish_time AS online_at,
    takedown_time AS taken_down_at,
    republish_time AS reshown_at,
    audit_time AS reviewed_at,
    -- The number counts wherever it stands, whatever qualification_type says; a field of spaces alone is empty.
    COALESCE(NULLIF(TRIM(publish_license), ''), NULLIF(TRIM(registration_number), '')) AS permit_number,
    update_time AS updated_at
FROM drama;
