SELECT
    album.album_id AS title_id,
    album.app_id AS platform,
    album.title AS name,
    CASE album.album_type WHEN 1 THEN 'micro_drama' WHEN 2 THEN 'drama' WHEN 3 THEN 'other' ELSE 'unknown' END AS kind,
    CASE album.make_type WHEN 1 THEN 'live_action' WHEN 2 THEN 'ai' WHEN 3 THEN 'animation' ELSE 'unknown' END AS form,
    album.production_organisation AS producer,
    CASE album.uploader_type WHEN 1 THEN 'institution' WHEN 2 THEN 'individual' ELSE 'unknown' END AS uploader,
    trunc(album.cost_yuan)::bigint AS investment_yuan,
    array_to_string(album.tag_list, ',') AS subjects,
    album.is_main_push AS promoted,
    album.voluntary_class AS voluntary_tier,
    NULL::smallint AS declared_tier,
    coalesce(episodes.number, 0)::integer AS episode_count,
    coalesce(ceil(episodes.longest_ms / 1000.0), 0)::integer AS longest_episode_s,
    CASE album.status
        WHEN 1 THEN 'draft' WHEN 2 THEN 'scheduled' WHEN 3 THEN 'online' WHEN 4 THEN 'offline' ELSE 'unknown'
    END AS status,
    album.online_time AS online_at,
    album.offline_time AS taken_down_at,
    album.reshown_time AS reshown_at,
    album.audit_time AS reviewed_at,
    -- The number counts wherever it stands; a field of white space alone is empty.
    coalesce(
        nullif(btrim(info.license_num, E' \t\r\n　'), ''),
        nullif(btrim(info.key_record_num, E' \t\r\n　'), ''),
        nullif(btrim(info.ordinary_record_num, E' \t\r\n　'), ''),
        nullif(btrim(info.registration_num, E' \t\r\n　'), '')
    ) AS permit_number,
    album.modify_time AS updated_at
FROM album
LEFT JOIN album_record_info AS info ON info.album_id = album.album_id
LEFT JOIN (
    SELECT album_id, count(*) AS number, max(duration_ms) AS longest_ms FROM album_episode GROUP BY album_id
) AS episodes ON episodes.album_id = album.album_id;
