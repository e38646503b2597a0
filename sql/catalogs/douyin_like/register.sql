SELECT
    number AS permit_number,
    title AS title_name,
    other_title AS alt_name,
    production_organisation AS producer,
    filing_organisation AS filing_org,
    broadcast_platform AS platform,
    CASE state
        WHEN '有效' THEN 'active' WHEN '审核中' THEN 'pending' WHEN '暂停' THEN 'suspended'
        WHEN '撤销' THEN 'revoked' WHEN '过期' THEN 'expired' ELSE state
    END AS status,
    issued_on,
    CASE port WHEN 1 THEN 'key' WHEN 2 THEN 'ordinary' WHEN 3 THEN 'other' ELSE 'unknown' END AS system,
    reported_time AS reported_at,
    imported_time AS updated_at
FROM filing_extract;
