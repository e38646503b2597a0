SELECT
    drama_id AS title_id,
    media_no AS episode_no,
    CASE shown_in WHEN 'frame' THEN 'burned_in' WHEN 'player' THEN 'overlay' WHEN 'page' THEN 'detail_page' ELSE 'unknown' END
        AS channel,
    shown_number AS text,
    shown_name AS title_text,
    score AS confidence,
    file_md5 AS media_hash,
    seen_time AS read_at
FROM drama_label;
