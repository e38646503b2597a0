SELECT
    album_id AS title_id,
    seq AS episode_no,
    CASE place WHEN 1 THEN 'burned_in' WHEN 2 THEN 'overlay' WHEN 3 THEN 'detail_page' ELSE 'unknown' END AS channel,
    shown_number AS text,
    shown_title AS title_text,
    score AS confidence,
    video_hash AS media_hash,
    seen_time AS read_at
FROM shown_label;
