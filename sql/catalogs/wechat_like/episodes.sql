SELECT
    drama_id AS title_id,
    media_no AS episode_no,
    duration_s,
    file_md5 AS media_hash,
    ai_mark AS ai_notice
FROM drama_media;
