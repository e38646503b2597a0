-- view: judged
-- The titles that are judged, with what their own row says; only a micro-drama's number is looked at. A title with a
-- quarantined row is held without findings and does not come this far.
SELECT
    t.title_id, t.platform, t.name, t.kind, t.form, t.producer, t.uploader, t.investment_yuan, t.subjects, t.promoted,
    t.voluntary_tier, t.declared_tier, t.episode_count, t.longest_episode_s, t.status,
    CASE t.status WHEN 'online' THEN 'on_air' ELSE 'prepublish' END AS stage,
    t.online_at,
    COALESCE(CAST(t.online_at AS DATE), DATE '2026-11-22') AS online_on,
    t.taken_down_at, t.reshown_at, t.reviewed_at,
    t.permit_number AS permit_raw,
    CASE WHEN t.kind = 'micro_drama' THEN t.permit_number END AS number_text
FROM titles AS t
WHERE
    t.kind <> 'other' AND t.status <> 'offline'
    AND NOT EXISTS (SELECT 1 FROM held_titles AS h WHERE h.title_id = t.title_id);

-- view: filings
-- The register, its number as a text to be taken apart.
SELECT permit_number AS number_text, status, title_name, alt_name, producer, issued_on, updated_at FROM register;

-- view: counted_labels
-- Label rows that count: a burned-in reading of little confidence is dropped.
SELECT title_id, channel, text AS number_text, title_text, media_hash
FROM labels
WHERE channel <> 'burned_in' OR confidence IS NULL OR confidence >= 0.5;

-- view: judged_parts
-- Nineteen of twenty numbers stand in the official form of a known issuer. They are taken apart here: what the parts
-- say, written out again, must be the text itself. Any other text is odd, and is read by the parser. A platform's
-- licence is odd, too: it is no licence.
SELECT
    p.*,
    i.short_name IS NOT NULL AS official,
    CASE WHEN i.short_name IS NULL THEN p.number_text END AS odd_text
FROM (
    SELECT
        r.*,
        SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 1), 2) AS issuer_part,
        '网微剧' || SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 2), 1, 2) AS words_part,
        SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 2), 4, 4) AS year_part,
        REPLACE(SPLIT_PART(r.number_text, '）第', 2), '号', '') AS serial_part
    FROM judged AS r
) AS p
LEFT JOIN issuers_known AS i
    ON i.short_name = p.issuer_part AND i.plain
    AND (p.words_part = '网微剧备字' OR (p.words_part = '网微剧审字' AND i.level <> 'platform'))
    AND LENGTH(p.year_part) = 4 AND TRANSLATE(p.year_part, '0123456789', '') = ''
    AND TRANSLATE(p.serial_part, '0123456789', '') = ''
    AND p.serial_part <> '' AND SUBSTR(p.serial_part, 1, 1) <> '0'
    AND p.number_text
        = '（' || p.issuer_part || '）' || p.words_part || '（' || p.year_part || '）第' || p.serial_part || '号';

-- view: filings_parts
-- Nineteen of twenty numbers stand in the official form of a known issuer. They are taken apart here: what the parts
-- say, written out again, must be the text itself. Any other text is odd, and is read by the parser. A platform's
-- licence is odd, too: it is no licence.
SELECT
    p.*,
    i.short_name IS NOT NULL AS official,
    CASE WHEN i.short_name IS NULL THEN p.number_text END AS odd_text
FROM (
    SELECT
        r.*,
        SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 1), 2) AS issuer_part,
        '网微剧' || SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 2), 1, 2) AS words_part,
        SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 2), 4, 4) AS year_part,
        REPLACE(SPLIT_PART(r.number_text, '）第', 2), '号', '') AS serial_part
    FROM filings AS r
) AS p
LEFT JOIN issuers_known AS i
    ON i.short_name = p.issuer_part AND i.plain
    AND (p.words_part = '网微剧备字' OR (p.words_part = '网微剧审字' AND i.level <> 'platform'))
    AND LENGTH(p.year_part) = 4 AND TRANSLATE(p.year_part, '0123456789', '') = ''
    AND TRANSLATE(p.serial_part, '0123456789', '') = ''
    AND p.serial_part <> '' AND SUBSTR(p.serial_part, 1, 1) <> '0'
    AND p.number_text
        = '（' || p.issuer_part || '）' || p.words_part || '（' || p.year_part || '）第' || p.serial_part || '号';

-- view: counted_labels_parts
-- Nineteen of twenty numbers stand in the official form of a known issuer. They are taken apart here: what the parts
-- say, written out again, must be the text itself. Any other text is odd, and is read by the parser. A platform's
-- licence is odd, too: it is no licence.
SELECT
    p.*,
    i.short_name IS NOT NULL AS official,
    CASE WHEN i.short_name IS NULL THEN p.number_text END AS odd_text
FROM (
    SELECT
        r.*,
        SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 1), 2) AS issuer_part,
        '网微剧' || SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 2), 1, 2) AS words_part,
        SUBSTR(SPLIT_PART(r.number_text, '）网微剧', 2), 4, 4) AS year_part,
        REPLACE(SPLIT_PART(r.number_text, '）第', 2), '号', '') AS serial_part
    FROM counted_labels AS r
) AS p
LEFT JOIN issuers_known AS i
    ON i.short_name = p.issuer_part AND i.plain
    AND (p.words_part = '网微剧备字' OR (p.words_part = '网微剧审字' AND i.level <> 'platform'))
    AND LENGTH(p.year_part) = 4 AND TRANSLATE(p.year_part, '0123456789', '') = ''
    AND TRANSLATE(p.serial_part, '0123456789', '') = ''
    AND p.serial_part <> '' AND SUBSTR(p.serial_part, 1, 1) <> '0'
    AND p.number_text
        = '（' || p.issuer_part || '）' || p.words_part || '（' || p.year_part || '）第' || p.serial_part || '号';

-- read: parsed_numbers
-- Odd texts of number fields, each once.
SELECT DISTINCT odd_text AS text
FROM (SELECT odd_text FROM judged_parts UNION ALL SELECT odd_text FROM filings_parts) AS o
WHERE odd_text IS NOT NULL;

-- read: found_numbers
-- Odd texts of labels: the first number inside the text counts.
SELECT DISTINCT odd_text AS text FROM counted_labels_parts WHERE odd_text IS NOT NULL;

-- view: judged_numbers
-- Each row with its number taken apart, or the reason why it cannot be.
SELECT
    p.*,
    CASE WHEN p.official THEN p.number_text ELSE o.permit END AS permit,
    o.reason,
    CASE
        WHEN NOT p.official THEN o.family WHEN p.words_part = '网微剧备字' THEN 'filing' ELSE 'licence'
    END AS permit_family,
    CASE WHEN p.official THEN p.issuer_part ELSE o.issuer END AS issuer,
    CASE WHEN p.official THEN p.words_part ELSE o.words END AS permit_words,
    CASE WHEN p.official THEN CAST(p.year_part AS INTEGER) ELSE o.year END AS permit_year,
    COALESCE(o.serial_is_zero, FALSE) AS serial_is_zero
FROM judged_parts AS p LEFT JOIN parsed_numbers AS o ON o.text = p.odd_text;

-- view: filings_numbers
-- Each row with its number taken apart, or the reason why it cannot be.
SELECT
    p.*,
    CASE WHEN p.official THEN p.number_text ELSE o.permit END AS permit,
    o.reason,
    CASE
        WHEN NOT p.official THEN o.family WHEN p.words_part = '网微剧备字' THEN 'filing' ELSE 'licence'
    END AS permit_family,
    CASE WHEN p.official THEN p.issuer_part ELSE o.issuer END AS issuer,
    CASE WHEN p.official THEN p.words_part ELSE o.words END AS permit_words,
    CASE WHEN p.official THEN CAST(p.year_part AS INTEGER) ELSE o.year END AS permit_year,
    COALESCE(o.serial_is_zero, FALSE) AS serial_is_zero
FROM filings_parts AS p LEFT JOIN parsed_numbers AS o ON o.text = p.odd_text;

-- view: registered
-- One row a number: R of the contract. Of several the active one counts, then the newest; the rest of the order only
-- makes it one.
SELECT permit, status, title_name, alt_name, producer, issued_on
FROM (
    SELECT
        permit, status, title_name, alt_name, producer, issued_on,
        ROW_NUMBER() OVER (
            PARTITION BY permit
            ORDER BY
                CASE WHEN status = 'active' THEN 0 ELSE 1 END, issued_on DESC NULLS LAST, updated_at DESC,
                title_name, alt_name NULLS LAST, producer NULLS LAST, status
        ) AS place
    FROM filings_numbers
    WHERE permit IS NOT NULL
) AS r
WHERE place = 1;

-- kept: registered_titles
-- Judged titles with their number and its register row. Everything later looks at this, so it is made once.
SELECT
    t.title_id, t.platform, t.name, t.kind, t.form, t.producer, t.uploader, t.investment_yuan, t.subjects, t.promoted,
    t.voluntary_tier, t.declared_tier, t.episode_count, t.longest_episode_s, t.status, t.stage, t.online_at, t.online_on,
    t.taken_down_at, t.reshown_at, t.reviewed_at, t.permit_raw,
    t.permit, t.reason, t.permit_family, t.issuer, t.permit_words, t.permit_year, t.serial_is_zero,
    r.permit IS NOT NULL AS registered,
    r.status AS register_status, r.title_name AS register_title, r.alt_name AS register_alt_name,
    r.producer AS register_producer, r.issued_on AS register_issued_on
FROM judged_numbers AS t LEFT JOIN registered AS r ON r.permit = t.permit;

-- read: names_compared
-- Titles whose name or producer is not, letter by letter, the register's: name equality decides.
SELECT title_id, name, producer, register_title, register_alt_name, register_producer
FROM registered_titles
WHERE
    registered
    AND (
        (name <> register_title AND (register_alt_name IS NULL OR name <> register_alt_name))
        OR (producer IS NOT NULL AND register_producer IS NOT NULL AND producer <> register_producer)
    );

-- read: named_numbers
-- The names under each number that stands on titles with more than one, each once.
SELECT DISTINCT t.permit, t.name
FROM registered_titles AS t
JOIN (
    SELECT permit FROM registered_titles WHERE permit IS NOT NULL GROUP BY permit HAVING MIN(name) <> MAX(name)
) AS m ON m.permit = t.permit;

-- view: shared_numbers
-- Numbers that stand on titles with different names.
SELECT permit FROM named_numbers GROUP BY permit HAVING COUNT(DISTINCT name_key) > 1;

-- view: stale_hashes
-- Media hashes of label rows that are no episode's of the title, unless its episodes have none to compare with.
SELECT l.title_id, l.media_hash
FROM (SELECT DISTINCT title_id, media_hash FROM counted_labels WHERE media_hash IS NOT NULL) AS l
WHERE
    NOT EXISTS (SELECT 1 FROM episodes AS e WHERE e.title_id = l.title_id AND e.media_hash = l.media_hash)
    AND EXISTS (SELECT 1 FROM episodes AS e WHERE e.title_id = l.title_id AND e.media_hash IS NOT NULL);

-- view: label_rows
-- Label rows with the number that each shows, beside the title's own.
SELECT
    t.title_id, t.name, t.online_on, t.permit, l.channel, l.title_text,
    s.media_hash IS NOT NULL AS stale,
    l.official OR COALESCE(f.has_text, FALSE) AS has_text,
    CASE WHEN l.official THEN l.number_text ELSE f.permit END AS label_permit
FROM registered_titles AS t
JOIN counted_labels_parts AS l ON l.title_id = t.title_id
LEFT JOIN found_numbers AS f ON f.text = l.odd_text
LEFT JOIN stale_hashes AS s ON s.title_id = l.title_id AND s.media_hash = l.media_hash
WHERE t.kind = 'micro_drama';

-- read: label_titles
-- Titles shown on fresh label rows that are not, letter by letter, the name: name equality decides.
SELECT DISTINCT title_id, name, title_text
FROM label_rows
WHERE NOT stale AND online_on >= DATE '2026-09-01' AND title_text <> name;

-- view: label_facts
-- The labels of each title, summed up. A title without label rows has none of all this.
SELECT
    title_id,
    BOOL_OR(has_text) AS label_present,
    BOOL_OR(fresh_text) AS label_fresh,
    BOOL_OR(fresh_text AND label_permit IS NOT NULL) AS label_readable,
    BOOL_OR(differs AND channel <> 'burned_in') AS label_differs_shown,
    BOOL_OR(differs AND channel = 'burned_in') AS label_differs_burned_in,
    MIN(CASE WHEN differs THEN label_permit END) AS label_number
FROM (
    SELECT
        title_id, channel, has_text, label_permit,
        has_text AND NOT stale AS fresh_text,
        COALESCE(has_text AND NOT stale AND label_permit <> COALESCE(permit, ''), FALSE) AS differs
    FROM label_rows
) AS l
GROUP BY title_id;

-- view: label_title_facts
SELECT title_id, MIN(label_title) AS label_title FROM label_titles GROUP BY title_id;

-- view: active_placements
-- Placements active on the as-of day: begun before its end, not ended before its start.
SELECT placement_id, title_id, slot
FROM placements
WHERE starts_at < DATE '2026-11-23' AND (ends_at IS NULL OR ends_at >= DATE '2026-11-22');

-- view: first_screen_titles
-- Titles with a first-screen placement active on the as-of day; one title may have millions.
SELECT DISTINCT title_id FROM active_placements WHERE slot = 'first_screen';

-- view: ai_notices
-- The notices on the episodes of AI-made titles, summed up before they meet the titles.
SELECT
    title_id,
    COUNT(*) AS episodes_seen,
    SUM(CASE WHEN ai_notice = FALSE THEN 1 ELSE 0 END) AS episodes_without_notice,
    SUM(CASE WHEN ai_notice IS NULL THEN 1 ELSE 0 END) AS episodes_notice_unknown
FROM episodes AS e
WHERE EXISTS (SELECT 1 FROM titles AS t WHERE t.title_id = e.title_id AND t.form = 'ai' AND t.kind = 'micro_drama')
GROUP BY title_id;

-- read: special_subjects
-- Subjects that mention a special word, each text once: whether the word stands by itself is then looked at.
SELECT DISTINCT subjects AS text FROM judged WHERE STRPOS(subjects, '政治') > 0 OR STRPOS(subjects, '军事') > 0 OR STRPOS(subjects, '外交') > 0 OR STRPOS(subjects, '国家安全') > 0 OR STRPOS(subjects, '统战') > 0 OR STRPOS(subjects, '民族') > 0 OR STRPOS(subjects, '宗教') > 0 OR STRPOS(subjects, '司法') > 0 OR STRPOS(subjects, '公安') > 0;

-- view: titles_in_law
-- Titles with the law of their online day, unless grandfathering is off, and what their number is worth.
SELECT
    t.*,
    w.regime, w.promotion, w.subject_triggers, w.voluntary_1, w.voluntary_2, w.tier_1_from_yuan, w.tier_2_from_yuan,
    w.episode_bound_s, w.episode_count_bound,
    s.words AS special_subjects,
    i.level AS issuer_level,
    CASE WHEN i.level = 'platform' THEN i.operator END AS issuer_operator,
    COALESCE(t.permit_family = 'filing' AND i.level = 'platform', FALSE) AS platform_filing
FROM registered_titles AS t
JOIN law AS w
    ON w.form = t.form
    AND CASE WHEN TRUE THEN t.online_on ELSE GREATEST(t.online_on, DATE '2026-11-22') END >= w.from_on
    AND CASE WHEN TRUE THEN t.online_on ELSE GREATEST(t.online_on, DATE '2026-11-22') END < w.before_on
LEFT JOIN special_subjects AS s ON s.text = t.subjects
LEFT JOIN issuers_known AS i ON i.short_name = t.issuer;

-- view: facts
-- One row of facts for each judged title, in the words of the rules.
SELECT
    t.title_id, t.platform, t.name, t.kind, t.form, t.producer, t.uploader, t.investment_yuan, t.promoted,
    t.voluntary_tier, t.declared_tier, t.episode_count, t.longest_episode_s, t.status, t.stage,
    t.online_at, t.online_on, t.taken_down_at, t.reshown_at, t.reviewed_at,
    t.regime, t.online_on < DATE '2024-06-01' AS legacy,
    t.special_subjects IS NOT NULL AS special_subject, t.special_subjects,
    f.title_id IS NOT NULL AS first_screen, t.promotion AS first_screen_triggers,
    t.episode_bound_s, t.episode_count_bound,
    CASE
        WHEN t.subject_triggers AND t.special_subjects IS NOT NULL THEN 1
        WHEN t.promotion AND (t.promoted OR f.title_id IS NOT NULL) THEN 1
        WHEN t.voluntary_1 AND t.voluntary_tier = 1 THEN 1
        WHEN t.investment_yuan IS NULL THEN NULL
        WHEN t.investment_yuan >= t.tier_1_from_yuan THEN 1
        WHEN t.voluntary_2 AND t.voluntary_tier = 2 THEN 2
        WHEN t.investment_yuan >= t.tier_2_from_yuan THEN 2
        ELSE 3
    END AS tier,
    t.permit_raw,
    t.permit_raw IS NULL OR COALESCE(t.reason = 'blank', FALSE) AS permit_blank,
    t.permit IS NOT NULL AS permit_parsed,
    CASE WHEN t.permit_raw IS NULL THEN 'blank' ELSE t.reason END AS permit_reason,
    t.permit, t.permit_family, t.permit_words, t.permit_year,
    t.permit IS NOT NULL AND (t.serial_is_zero OR h.permit IS NOT NULL) AS permit_placeholder,
    CASE
        WHEN t.permit_family IS NULL THEN NULL
        WHEN t.permit_family <> 'filing' THEN 1
        WHEN t.issuer_level IN ('national', 'province') THEN 2
        WHEN t.issuer_level = 'platform' THEN 3
    END AS permit_rank,
    t.issuer, t.issuer_level, t.issuer_operator, p.operator AS platform_operator,
    o.short_name IS NOT NULL AS issuer_is_own,
    t.platform_filing,
    t.registered,
    CASE
        WHEN t.permit_family IS NULL THEN FALSE
        WHEN t.permit_family <> 'filing' THEN FALSE
        WHEN t.issuer_level IN ('national', 'province') THEN TRUE
        WHEN t.issuer_level = 'platform' THEN FALSE
        ELSE TRUE OR FALSE
    END AS register_stale,
    t.register_status, t.register_title, t.register_alt_name, t.register_producer, t.register_issued_on,
    COALESCE(c.register_name_equal, t.registered) AS register_name_equal,
    COALESCE(t.register_issued_on > t.online_on, FALSE) AS register_issued_late,
    COALESCE(c.producer_equal, t.producer = t.register_producer, FALSE) AS producer_equal,
    n.permit IS NOT NULL AS number_shared,
    p.av_licence AS platform_av_licence, p.registration_no AS platform_registration_no,
    p.valid_until AS platform_valid_until,
    COALESCE(l.label_present, FALSE) AS label_present,
    COALESCE(l.label_fresh, FALSE) AS label_fresh,
    COALESCE(l.label_readable, FALSE) AS label_readable,
    COALESCE(l.label_differs_shown, FALSE) AS label_differs_shown,
    COALESCE(l.label_differs_burned_in, FALSE) AS label_differs_burned_in,
    l.label_number,
    b.title_id IS NOT NULL AS label_title_differs,
    b.label_title,
    COALESCE(a.episodes_without_notice, 0) > 0 AS notice_missing,
    COALESCE(a.episodes_without_notice, 0) = 0
        AND (COALESCE(a.episodes_notice_unknown, 0) > 0 OR COALESCE(a.episodes_seen, 0) = 0) AS notice_unknown,
    COALESCE(a.episodes_seen, 0) AS episodes_seen,
    COALESCE(a.episodes_without_notice, 0) AS episodes_without_notice,
    COALESCE(a.episodes_notice_unknown, 0) AS episodes_notice_unknown
FROM titles_in_law AS t
JOIN platform_facts AS p ON p.platform = t.platform
LEFT JOIN platform_issuers AS o ON o.platform = t.platform AND o.short_name = t.issuer
LEFT JOIN placeholders AS h ON h.permit = t.permit
LEFT JOIN names_compared AS c ON c.title_id = t.title_id
LEFT JOIN shared_numbers AS n ON n.permit = t.permit
LEFT JOIN label_facts AS l ON l.title_id = t.title_id
LEFT JOIN label_title_facts AS b ON b.title_id = t.title_id
LEFT JOIN first_screen_titles AS f ON f.title_id = t.title_id
LEFT JOIN ai_notices AS a ON a.title_id = t.title_id;
