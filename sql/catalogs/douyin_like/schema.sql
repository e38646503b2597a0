-- The tables that this mapping reads (PostgreSQL).
CREATE TABLE app (
    app_id text PRIMARY KEY,
    app_name text NOT NULL,
    filing_short_names text,
    company text,
    av_licence text,
    registration_no text,
    registration_valid_until date
);

CREATE TABLE album (
    album_id bigint PRIMARY KEY,
    app_id text NOT NULL,
    title text NOT NULL,
    album_type smallint NOT NULL,            -- 1 micro-drama, 2 drama, 3 anything else
    make_type smallint NOT NULL,             -- 1 live action, 2 AI, 3 animation
    production_organisation text,
    uploader_type smallint NOT NULL,         -- 1 institution, 2 individual
    cost_yuan numeric(14, 2),
    tag_list text[],
    is_main_push boolean NOT NULL,
    voluntary_class smallint,
    status smallint NOT NULL,                -- 1 draft, 2 scheduled, 3 online, 4 offline
    online_time timestamptz,
    offline_time timestamptz,
    reshown_time timestamptz,
    audit_time timestamptz,
    modify_time timestamptz NOT NULL
);

CREATE TABLE album_record_info (
    album_id bigint PRIMARY KEY,
    license_num text,
    registration_num text,
    ordinary_record_num text,
    key_record_num text,
    qualification smallint                   -- 1 to 4
);

CREATE TABLE album_episode (
    album_id bigint NOT NULL,
    seq integer NOT NULL,
    duration_ms integer NOT NULL,
    video_hash text,
    ai_notice boolean,
    PRIMARY KEY (album_id, seq)
);

CREATE TABLE shown_label (
    album_id bigint NOT NULL,
    seq integer,
    place smallint NOT NULL,                 -- 1 in the picture, 2 over the player, 3 on the detail page
    shown_number text,
    shown_title text,
    score real,
    video_hash text,
    seen_time timestamptz NOT NULL
);

CREATE TABLE recommendation (
    recommendation_id bigint PRIMARY KEY,
    album_id bigint NOT NULL,
    slot text NOT NULL,                      -- home_top, banner, feed, search, push, ads, mini_program
    start_time timestamptz NOT NULL,
    end_time timestamptz
);

CREATE TABLE filing_extract (
    number text NOT NULL,
    title text NOT NULL,
    other_title text,
    production_organisation text,
    filing_organisation text,
    broadcast_platform text,
    state text NOT NULL,                     -- 有效, 审核中, 暂停, 撤销, 过期
    issued_on date,
    port smallint NOT NULL,                  -- 1 key, 2 ordinary, 3 other
    reported_time timestamptz,
    imported_time timestamptz NOT NULL
);
