-- The tables that this mapping reads (MySQL, MariaDB, SQLite).
CREATE TABLE channel_account (
    account_id VARCHAR(32) PRIMARY KEY,
    account_name VARCHAR(100) NOT NULL,
    filing_short_names VARCHAR(200),
    company VARCHAR(200),
    av_licence VARCHAR(50),
    registration_no VARCHAR(50),
    registration_valid_until DATE
);

CREATE TABLE drama (
    drama_id VARCHAR(32) PRIMARY KEY,
    account_id VARCHAR(32) NOT NULL,
    drama_name VARCHAR(200) NOT NULL,
    drama_type INTEGER NOT NULL,             -- 1 micro-drama, 2 drama, 3 anything else
    made_with INTEGER NOT NULL,              -- 1 live action, 2 AI, 3 animation
    producer VARCHAR(200),
    uploaded_by_person INTEGER NOT NULL,     -- 0 or 1
    production_cost_wan DECIMAL(12, 4),      -- ten thousand yuan
    subjects VARCHAR(500),
    main_push INTEGER NOT NULL,              -- 0 or 1
    qualification_type INTEGER,              -- 1 registration_number, 2 publish_license
    registration_number VARCHAR(500),
    publish_license VARCHAR(500),
    media_count INTEGER NOT NULL,
    longest_media_s INTEGER NOT NULL,
    drama_status INTEGER NOT NULL,           -- 0 draft, 1 scheduled, 2 online, 3 taken down
    publish_time DATETIME,
    takedown_time DATETIME,
    republish_time DATETIME,
    audit_time DATETIME,
    update_time DATETIME NOT NULL
);

CREATE TABLE drama_media (
    drama_id VARCHAR(32) NOT NULL,
    media_no INTEGER NOT NULL,
    duration_s INTEGER NOT NULL,
    file_md5 VARCHAR(64),
    ai_mark INTEGER,                         -- 0 or 1
    PRIMARY KEY (drama_id, media_no)
);

CREATE TABLE drama_label (
    drama_id VARCHAR(32) NOT NULL,
    media_no INTEGER,
    shown_in VARCHAR(20) NOT NULL,           -- frame, player, page
    shown_number VARCHAR(500),
    shown_name VARCHAR(200),
    score DOUBLE,
    file_md5 VARCHAR(64),
    seen_time DATETIME NOT NULL
);

CREATE TABLE drama_promotion (
    promotion_id VARCHAR(32) PRIMARY KEY,
    drama_id VARCHAR(32) NOT NULL,
    promoted_in VARCHAR(20) NOT NULL,        -- the contract's words for a slot
    begin_time DATETIME NOT NULL,
    end_time DATETIME
);

CREATE TABLE filing (
    filing_number VARCHAR(500) NOT NULL,
    drama_name VARCHAR(200) NOT NULL,
    former_name VARCHAR(200),
    producer VARCHAR(200),
    filing_org VARCHAR(200),
    platform VARCHAR(100),
    filing_status VARCHAR(20) NOT NULL,      -- the contract's words for a status
    filing_date DATE,
    filing_system VARCHAR(20) NOT NULL,      -- the contract's words for a system
    reported_time DATETIME,
    update_time DATETIME NOT NULL
);
