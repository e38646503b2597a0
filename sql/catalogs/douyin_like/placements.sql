SELECT
    recommendation_id AS placement_id,
    album_id AS title_id,
    CASE slot WHEN 'home_top' THEN 'first_screen' WHEN 'ads' THEN 'paid_traffic' ELSE slot END AS slot,
    start_time AS starts_at,
    end_time AS ends_at
FROM recommendation;
