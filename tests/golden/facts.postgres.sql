-- view: judged
SELECT t.title_id, t.platform, t.name, t.kind, t.form, t.producer, t.uploader, t.investment_yuan, t.subjects, t.promoted, t.voluntary_tier, t.declared_tier, t.episode_count, t.longest_episode_s, t.status, CASE t.status WHEN 'online' THEN 'on_air' ELSE 'prepublish' END AS stage, t.online_at, COALESCE(CAST(t.online_at AS DATE), CAST('2026-11-22' AS DATE)) AS online_on, t.taken_down_at, t.reshown_at, t.reviewed_at, t.permit_number AS permit_raw, CASE WHEN t.kind = 'micro_drama' THEN t.permit_number END AS number_text FROM titles AS t WHERE t.kind <> 'other' AND t.status <> 'offline' AND NOT EXISTS(SELECT 1 FROM held_titles AS h WHERE h.title_id = t.title_id);

-- view: filings
SELECT permit_number AS number_text, status, title_name, alt_name, producer, issued_on, updated_at FROM register;

-- view: counted_labels
SELECT title_id, channel, text AS number_text, title_text, media_hash FROM labels WHERE channel <> 'burned_in' OR confidence IS NULL OR confidence >= 0.5;

-- view: judged_parts
SELECT p.*, NOT i.short_name IS NULL AS official, CASE WHEN i.short_name IS NULL THEN p.number_text END AS odd_text FROM (SELECT r.*, SUBSTRING(SPLIT_PART(r.number_text, '）网微剧', 1) FROM 2) AS issuer_part, '网微剧' || SUBSTRING(SPLIT_PART(r.number_text, '）网微剧', 2) FROM 1 FOR 2) AS words_part, SUBSTRING(SPLIT_PART(r.number_text, '）网微剧', 2) FROM 4 FOR 4) AS year_part, REPLACE(SPLIT_PART(r.number_text, '）第', 2), '号', '') AS serial_part FROM judged AS r) AS p LEFT JOIN issuers_known AS i ON i.short_name = p.issuer_part AND i.plain AND (p.words_part = '网微剧备字' OR (p.words_part = '网微剧审字' AND i.level <> 'platform')) AND LENGTH(p.year_part) = 4 AND TRANSLATE(p.year_part, '0123456789', '') = '' AND TRANSLATE(p.serial_part, '0123456789', '') = '' AND p.serial_part <> '' AND SUBSTRING(p.serial_part FROM 1 FOR 1) <> '0' AND p.number_text = '（' || p.issuer_part || '）' || p.words_part || '（' || p.year_part || '）第' || p.serial_part || '号';

-- view: filings_parts
SELECT p.*, NOT i.short_name IS NULL AS official, CASE WHEN i.short_name IS NULL THEN p.number_text END AS odd_text FROM (SELECT r.*, SUBSTRING(SPLIT_PART(r.number_text, '）网微剧', 1) FROM 2) AS issuer_part, '网微剧' || SUBSTRING(SPLIT_PART(r.number_text, '）网微剧', 2) FROM 1 FOR 2) AS words_part, SUBSTRING(SPLIT_PART(r.number_text, '）网微剧', 2) FROM 4 FOR 4) AS year_part, REPLACE(SPLIT_PART(r.number_text, '）第', 2), '号', '') AS serial_part FROM filings AS r) AS p LEFT JOIN issuers_known AS i ON i.short_name = p.issuer_part AND i.plain AND (p.words_part = '网微剧备字' OR (p.words_part = '网微剧审字' AND i.level <> 'platform')) AND LENGTH(p.year_part) = 4 AND TRANSLATE(p.year_part, '0123456789', '') = '' AND TRANSLATE(p.serial_part, '0123456789', '') = '' AND p.serial_part <> '' AND SUBSTRING(p.serial_part FROM 1 FOR 1) <> '0' AND p.number_text = '（' || p.issuer_part || '）' || p.words_part || '（' || p.year_part || '）第' || p.serial_part || '号';

-- view: counted_labels_parts
SELECT p.*, NOT i.short_name IS NULL AS official, CASE WHEN i.short_name IS NULL THEN p.number_text END AS odd_text FROM (SELECT r.*, SUBSTRING(SPLIT_PART(r.number_text, '）网微剧', 1) FROM 2) AS issuer_part, '网微剧' || SUBSTRING(SPLIT_PART(r.number_text, '）网微剧', 2) FROM 1 FOR 2) AS words_part, SUBSTRING(SPLIT_PART(r.number_text, '）网微剧', 2) FROM 4 FOR 4) AS year_part, REPLACE(SPLIT_PART(r.number_text, '）第', 2), '号', '') AS serial_part FROM counted_labels AS r) AS p LEFT JOIN issuers_known AS i ON i.short_name = p.issuer_part AND i.plain AND (p.words_part = '网微剧备字' OR (p.words_part = '网微剧审字' AND i.level <> 'platform')) AND LENGTH(p.year_part) = 4 AND TRANSLATE(p.year_part, '0123456789', '') = '' AND TRANSLATE(p.serial_part, '0123456789', '') = '' AND p.serial_part <> '' AND SUBSTRING(p.serial_part FROM 1 FOR 1) <> '0' AND p.number_text = '（' || p.issuer_part || '）' || p.words_part || '（' || p.year_part || '）第' || p.serial_part || '号';

-- read: parsed_numbers
SELECT DISTINCT odd_text AS text FROM (SELECT odd_text FROM judged_parts UNION ALL SELECT odd_text FROM filings_parts) AS o WHERE NOT odd_text IS NULL;

-- read: found_numbers
SELECT DISTINCT odd_text AS text FROM counted_labels_parts WHERE NOT odd_text IS NULL;

-- view: judged_numbers
SELECT p.*, CASE WHEN p.official THEN p.number_text ELSE o.permit END AS permit, o.reason, CASE WHEN NOT p.official THEN o.family WHEN p.words_part = '网微剧备字' THEN 'filing' ELSE 'licence' END AS permit_family, CASE WHEN p.official THEN p.issuer_part ELSE o.issuer END AS issuer, CASE WHEN p.official THEN p.words_part ELSE o.words END AS permit_words, CASE WHEN p.official THEN CAST(p.year_part AS INT) ELSE o.year END AS permit_year, COALESCE(o.serial_is_zero, FALSE) AS serial_is_zero FROM judged_parts AS p LEFT JOIN parsed_numbers AS o ON o.text = p.odd_text;

-- view: filings_numbers
SELECT p.*, CASE WHEN p.official THEN p.number_text ELSE o.permit END AS permit, o.reason, CASE WHEN NOT p.official THEN o.family WHEN p.words_part = '网微剧备字' THEN 'filing' ELSE 'licence' END AS permit_family, CASE WHEN p.official THEN p.issuer_part ELSE o.issuer END AS issuer, CASE WHEN p.official THEN p.words_part ELSE o.words END AS permit_words, CASE WHEN p.official THEN CAST(p.year_part AS INT) ELSE o.year END AS permit_year, COALESCE(o.serial_is_zero, FALSE) AS serial_is_zero FROM filings_parts AS p LEFT JOIN parsed_numbers AS o ON o.text = p.odd_text;

-- view: registered
SELECT permit, status, title_name, alt_name, producer, issued_on FROM (SELECT permit, status, title_name, alt_name, producer, issued_on, ROW_NUMBER() OVER (PARTITION BY permit ORDER BY CASE WHEN status = 'active' THEN 0 ELSE 1 END, issued_on DESC NULLS LAST, updated_at DESC NULLS LAST, title_name, alt_name, producer, status) AS place FROM filings_numbers WHERE NOT permit IS NULL) AS r WHERE place = 1;

-- kept: registered_titles
SELECT t.title_id, t.platform, t.name, t.kind, t.form, t.producer, t.uploader, t.investment_yuan, t.subjects, t.promoted, t.voluntary_tier, t.declared_tier, t.episode_count, t.longest_episode_s, t.status, t.stage, t.online_at, t.online_on, t.taken_down_at, t.reshown_at, t.reviewed_at, t.permit_raw, t.permit, t.reason, t.permit_family, t.issuer, t.permit_words, t.permit_year, t.serial_is_zero, NOT r.permit IS NULL AS registered, r.status AS register_status, r.title_name AS register_title, r.alt_name AS register_alt_name, r.producer AS register_producer, r.issued_on AS register_issued_on FROM judged_numbers AS t LEFT JOIN registered AS r ON r.permit = t.permit;

-- read: names_compared
SELECT title_id, name, producer, register_title, register_alt_name, register_producer FROM registered_titles WHERE registered AND ((name <> register_title AND (register_alt_name IS NULL OR name <> register_alt_name)) OR (NOT producer IS NULL AND NOT register_producer IS NULL AND producer <> register_producer));

-- read: named_numbers
SELECT DISTINCT t.permit, t.name FROM registered_titles AS t JOIN (SELECT permit FROM registered_titles WHERE NOT permit IS NULL GROUP BY permit HAVING MIN(name) <> MAX(name)) AS m ON m.permit = t.permit;

-- view: shared_numbers
SELECT permit FROM named_numbers GROUP BY permit HAVING COUNT(DISTINCT name_key) > 1;

-- view: stale_hashes
SELECT l.title_id, l.media_hash FROM (SELECT DISTINCT title_id, media_hash FROM counted_labels WHERE NOT media_hash IS NULL) AS l WHERE NOT EXISTS(SELECT 1 FROM episodes AS e WHERE e.title_id = l.title_id AND e.media_hash = l.media_hash) AND EXISTS(SELECT 1 FROM episodes AS e WHERE e.title_id = l.title_id AND NOT e.media_hash IS NULL);

-- view: label_rows
SELECT t.title_id, t.name, t.online_on, t.permit, l.channel, l.title_text, NOT s.media_hash IS NULL AS stale, l.official OR COALESCE(f.has_text, FALSE) AS has_text, CASE WHEN l.official THEN l.number_text ELSE f.permit END AS label_permit FROM registered_titles AS t JOIN counted_labels_parts AS l ON l.title_id = t.title_id LEFT JOIN found_numbers AS f ON f.text = l.odd_text LEFT JOIN stale_hashes AS s ON s.title_id = l.title_id AND s.media_hash = l.media_hash WHERE t.kind = 'micro_drama';

-- read: label_titles
SELECT DISTINCT title_id, name, title_text FROM label_rows WHERE NOT stale AND online_on >= CAST('2026-09-01' AS DATE) AND title_text <> name;

-- view: label_facts
SELECT title_id, BOOL_OR(has_text) AS label_present, BOOL_OR(fresh_text) AS label_fresh, BOOL_OR(fresh_text AND NOT label_permit IS NULL) AS label_readable, BOOL_OR(differs AND channel <> 'burned_in') AS label_differs_shown, BOOL_OR(differs AND channel = 'burned_in') AS label_differs_burned_in, MIN(CASE WHEN differs THEN label_permit END) AS label_number FROM (SELECT title_id, channel, has_text, label_permit, has_text AND NOT stale AS fresh_text, COALESCE(has_text AND NOT stale AND label_permit <> COALESCE(permit, ''), FALSE) AS differs FROM label_rows) AS l GROUP BY title_id;

-- view: label_title_facts
SELECT title_id, MIN(label_title) AS label_title FROM label_titles GROUP BY title_id;

-- view: active_placements
SELECT placement_id, title_id, slot FROM placements WHERE starts_at < CAST('2026-11-23' AS DATE) AND (ends_at IS NULL OR ends_at >= CAST('2026-11-22' AS DATE));

-- view: first_screen_titles
SELECT DISTINCT title_id FROM active_placements WHERE slot = 'first_screen';

-- view: ai_notices
SELECT title_id, COUNT(*) AS episodes_seen, SUM(CASE WHEN ai_notice = FALSE THEN 1 ELSE 0 END) AS episodes_without_notice, SUM(CASE WHEN ai_notice IS NULL THEN 1 ELSE 0 END) AS episodes_notice_unknown FROM episodes AS e WHERE EXISTS(SELECT 1 FROM titles AS t WHERE t.title_id = e.title_id AND t.form = 'ai' AND t.kind = 'micro_drama') GROUP BY title_id;

-- read: special_subjects
SELECT DISTINCT subjects AS text FROM judged WHERE POSITION('政治' IN subjects) > 0 OR POSITION('军事' IN subjects) > 0 OR POSITION('外交' IN subjects) > 0 OR POSITION('国家安全' IN subjects) > 0 OR POSITION('统战' IN subjects) > 0 OR POSITION('民族' IN subjects) > 0 OR POSITION('宗教' IN subjects) > 0 OR POSITION('司法' IN subjects) > 0 OR POSITION('公安' IN subjects) > 0;

-- view: titles_in_law
SELECT t.*, w.regime, w.promotion, w.subject_triggers, w.voluntary_1, w.voluntary_2, w.tier_1_from_yuan, w.tier_2_from_yuan, w.episode_bound_s, w.episode_count_bound, s.words AS special_subjects, i.level AS issuer_level, CASE WHEN i.level = 'platform' THEN i.operator END AS issuer_operator, COALESCE(t.permit_family = 'filing' AND i.level = 'platform', FALSE) AS platform_filing FROM registered_titles AS t JOIN law AS w ON w.form = t.form AND CASE WHEN TRUE THEN t.online_on ELSE GREATEST(t.online_on, CAST('2026-11-22' AS DATE)) END >= w.from_on AND CASE WHEN TRUE THEN t.online_on ELSE GREATEST(t.online_on, CAST('2026-11-22' AS DATE)) END < w.before_on LEFT JOIN special_subjects AS s ON s.text = t.subjects LEFT JOIN issuers_known AS i ON i.short_name = t.issuer;

-- view: facts
SELECT t.title_id, t.platform, t.name, t.kind, t.form, t.producer, t.uploader, t.investment_yuan, t.promoted, t.voluntary_tier, t.declared_tier, t.episode_count, t.longest_episode_s, t.status, t.stage, t.online_at, t.online_on, t.taken_down_at, t.reshown_at, t.reviewed_at, t.regime, t.online_on < CAST('2024-06-01' AS DATE) AS legacy, NOT t.special_subjects IS NULL AS special_subject, t.special_subjects, NOT f.title_id IS NULL AS first_screen, t.promotion AS first_screen_triggers, t.episode_bound_s, t.episode_count_bound, CASE WHEN t.subject_triggers AND NOT t.special_subjects IS NULL THEN 1 WHEN t.promotion AND (t.promoted OR NOT f.title_id IS NULL) THEN 1 WHEN t.voluntary_1 AND t.voluntary_tier = 1 THEN 1 WHEN t.investment_yuan IS NULL THEN NULL WHEN t.investment_yuan >= t.tier_1_from_yuan THEN 1 WHEN t.voluntary_2 AND t.voluntary_tier = 2 THEN 2 WHEN t.investment_yuan >= t.tier_2_from_yuan THEN 2 ELSE 3 END AS tier, t.permit_raw, t.permit_raw IS NULL OR COALESCE(t.reason = 'blank', FALSE) AS permit_blank, NOT t.permit IS NULL AS permit_parsed, CASE WHEN t.permit_raw IS NULL THEN 'blank' ELSE t.reason END AS permit_reason, t.permit, t.permit_family, t.permit_words, t.permit_year, NOT t.permit IS NULL AND (t.serial_is_zero OR NOT h.permit IS NULL) AS permit_placeholder, CASE WHEN t.permit_family IS NULL THEN NULL WHEN t.permit_family <> 'filing' THEN 1 WHEN t.issuer_level IN ('national', 'province') THEN 2 WHEN t.issuer_level = 'platform' THEN 3 END AS permit_rank, t.issuer, t.issuer_level, t.issuer_operator, p.operator AS platform_operator, NOT o.short_name IS NULL AS issuer_is_own, t.platform_filing, t.registered, CASE WHEN t.permit_family IS NULL THEN FALSE WHEN t.permit_family <> 'filing' THEN FALSE WHEN t.issuer_level IN ('national', 'province') THEN TRUE WHEN t.issuer_level = 'platform' THEN FALSE ELSE TRUE OR FALSE END AS register_stale, t.register_status, t.register_title, t.register_alt_name, t.register_producer, t.register_issued_on, COALESCE(c.register_name_equal, t.registered) AS register_name_equal, COALESCE(t.register_issued_on > t.online_on, FALSE) AS register_issued_late, COALESCE(c.producer_equal, t.producer = t.register_producer, FALSE) AS producer_equal, NOT n.permit IS NULL AS number_shared, p.av_licence AS platform_av_licence, p.registration_no AS platform_registration_no, p.valid_until AS platform_valid_until, COALESCE(l.label_present, FALSE) AS label_present, COALESCE(l.label_fresh, FALSE) AS label_fresh, COALESCE(l.label_readable, FALSE) AS label_readable, COALESCE(l.label_differs_shown, FALSE) AS label_differs_shown, COALESCE(l.label_differs_burned_in, FALSE) AS label_differs_burned_in, l.label_number, NOT b.title_id IS NULL AS label_title_differs, b.label_title, COALESCE(a.episodes_without_notice, 0) > 0 AS notice_missing, COALESCE(a.episodes_without_notice, 0) = 0 AND (COALESCE(a.episodes_notice_unknown, 0) > 0 OR COALESCE(a.episodes_seen, 0) = 0) AS notice_unknown, COALESCE(a.episodes_seen, 0) AS episodes_seen, COALESCE(a.episodes_without_notice, 0) AS episodes_without_notice, COALESCE(a.episodes_notice_unknown, 0) AS episodes_notice_unknown FROM titles_in_law AS t JOIN platform_facts AS p ON p.platform = t.platform LEFT JOIN platform_issuers AS o ON o.platform = t.platform AND o.short_name = t.issuer LEFT JOIN placeholders AS h ON h.permit = t.permit LEFT JOIN names_compared AS c ON c.title_id = t.title_id LEFT JOIN shared_numbers AS n ON n.permit = t.permit LEFT JOIN label_facts AS l ON l.title_id = t.title_id LEFT JOIN label_title_facts AS b ON b.title_id = t.title_id LEFT JOIN first_screen_titles AS f ON f.title_id = t.title_id LEFT JOIN ai_notices AS a ON a.title_id = t.title_id;
