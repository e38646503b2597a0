SELECT
    album_id AS title_id,
    seq AS episode_no,
    ceil(duration_ms / 1000.0)::integer AS duration_s,
    video_hash AS media_hash,
    ai_notice
FROM album_episode;
