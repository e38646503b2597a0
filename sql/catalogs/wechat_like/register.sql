SELECT
    filing_number AS permit_number,
    drama_name AS title_name,
    former_name AS alt_name,
    producer,
    filing_org,
    platform,
    filing_status AS status,
    filing_date AS issued_on,
    filing_system AS system,
    reported_time AS reported_at,
    update_time AS updated_at
FROM filing;
