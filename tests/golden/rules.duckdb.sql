-- ai-notice-missing
-- applies
kind = 'micro_drama' AND (form = 'ai' AND CAST('2026-11-22' AS DATE) >= CAST('2026-09-01' AS DATE));
-- unknown
(kind = 'micro_drama' AND (form = 'ai' AND CAST('2026-11-22' AS DATE) >= CAST('2026-09-01' AS DATE))) AND notice_unknown;
-- fails
((kind = 'micro_drama' AND (form = 'ai' AND CAST('2026-11-22' AS DATE) >= CAST('2026-09-01' AS DATE))) AND NOT notice_unknown) AND notice_missing;
-- action
'block';

-- first-screen-unreviewed
-- applies
kind = 'micro_drama' AND (platform_filing AND NOT first_screen_triggers);
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND (platform_filing AND NOT first_screen_triggers)) AND (first_screen OR promoted);
-- action
'hold';

-- issuer-unknown
-- applies
kind = 'micro_drama' AND (permit_parsed AND NOT issuer IS NULL);
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND (permit_parsed AND NOT issuer IS NULL)) AND issuer_level IS NULL;
-- action
'hold';

-- label-differs
-- applies
kind = 'micro_drama' AND label_readable;
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND label_readable) AND (label_differs_shown OR label_differs_burned_in);
-- action
CASE WHEN NOT label_differs_shown THEN 'hold' ELSE 'block' END;

-- label-missing
-- applies
kind = 'micro_drama' AND NOT (legacy AND permit_blank);
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND NOT (legacy AND permit_blank)) AND NOT label_present;
-- action
'block';

-- label-stale
-- applies
kind = 'micro_drama' AND label_present;
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND label_present) AND NOT label_fresh;
-- action
'hold';

-- label-title-differs
-- applies
kind = 'micro_drama' AND online_on >= CAST('2026-09-01' AS DATE);
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND online_on >= CAST('2026-09-01' AS DATE)) AND label_title_differs;
-- action
'hold';

-- label-unreadable
-- applies
kind = 'micro_drama' AND label_fresh;
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND label_fresh) AND NOT label_readable;
-- action
'hold';

-- legacy-unfiled
-- applies
kind = 'micro_drama' AND legacy;
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND legacy) AND permit_blank;
-- action
CASE WHEN CAST('2026-11-22' AS DATE) <= CAST('2024-06-30' AS DATE) THEN 'warn' ELSE 'block' END;

-- not-a-micro-drama
-- applies
kind = 'micro_drama';
-- unknown
FALSE;
-- fails
kind = 'micro_drama' AND ((NOT episode_bound_s IS NULL AND longest_episode_s >= episode_bound_s) OR (NOT episode_count_bound IS NULL AND episode_count > episode_count_bound));
-- action
'hold';

-- number-on-several-titles
-- applies
kind = 'micro_drama' AND number_shared;
-- unknown
(kind = 'micro_drama' AND number_shared) AND register_stale;
-- fails
((kind = 'micro_drama' AND number_shared) AND NOT register_stale) AND NOT register_name_equal;
-- action
'block';

-- other-platform-number
-- applies
kind = 'micro_drama' AND platform_filing;
-- unknown
(kind = 'micro_drama' AND platform_filing) AND (NOT issuer_is_own AND (issuer_operator IS NULL OR platform_operator IS NULL));
-- fails
((kind = 'micro_drama' AND platform_filing) AND NOT (NOT issuer_is_own AND (issuer_operator IS NULL OR platform_operator IS NULL))) AND (NOT issuer_is_own AND issuer_operator IS DISTINCT FROM platform_operator);
-- action
'block';

-- permit-after-online
-- applies
kind = 'micro_drama' AND (registered AND status = 'online');
-- unknown
(kind = 'micro_drama' AND (registered AND status = 'online')) AND register_stale;
-- fails
((kind = 'micro_drama' AND (registered AND status = 'online')) AND NOT register_stale) AND register_issued_late;
-- action
'warn';

-- permit-below-tier
-- applies
kind = 'micro_drama' AND (permit_parsed AND NOT legacy);
-- unknown
(kind = 'micro_drama' AND (permit_parsed AND NOT legacy)) AND (permit_rank IS NULL OR (tier IS NULL AND permit_rank <> 1));
-- fails
((kind = 'micro_drama' AND (permit_parsed AND NOT legacy)) AND NOT (permit_rank IS NULL OR (tier IS NULL AND permit_rank <> 1))) AND permit_rank > COALESCE(tier, 1);
-- action
'block';

-- permit-inactive
-- applies
kind = 'micro_drama' AND registered;
-- unknown
(kind = 'micro_drama' AND registered) AND register_stale;
-- fails
((kind = 'micro_drama' AND registered) AND NOT register_stale) AND register_status IS DISTINCT FROM 'active';
-- action
'block';

-- permit-malformed
-- applies
kind = 'micro_drama' AND NOT permit_blank;
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND NOT permit_blank) AND NOT permit_parsed;
-- action
'block';

-- permit-missing
-- applies
kind = 'micro_drama' AND NOT legacy;
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND NOT legacy) AND permit_blank;
-- action
'block';

-- permit-not-accepted
-- applies
kind = 'micro_drama' AND (permit_parsed AND NOT legacy);
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND (permit_parsed AND NOT legacy)) AND (permit_family IS NOT DISTINCT FROM 'online_filing' OR permit_family IS NOT DISTINCT FROM 'series_licence');
-- action
'block';

-- permit-placeholder
-- applies
kind = 'micro_drama' AND permit_parsed;
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND permit_parsed) AND permit_placeholder;
-- action
'block';

-- permit-producer-mismatch
-- applies
kind = 'micro_drama' AND (registered AND NOT producer IS NULL AND NOT register_producer IS NULL);
-- unknown
(kind = 'micro_drama' AND (registered AND NOT producer IS NULL AND NOT register_producer IS NULL)) AND register_stale;
-- fails
((kind = 'micro_drama' AND (registered AND NOT producer IS NULL AND NOT register_producer IS NULL)) AND NOT register_stale) AND NOT producer_equal;
-- action
'warn';

-- permit-title-mismatch
-- applies
kind = 'micro_drama' AND registered;
-- unknown
(kind = 'micro_drama' AND registered) AND register_stale;
-- fails
((kind = 'micro_drama' AND registered) AND NOT register_stale) AND NOT register_name_equal;
-- action
'block';

-- permit-unregistered
-- applies
kind = 'micro_drama' AND permit_parsed;
-- unknown
(kind = 'micro_drama' AND permit_parsed) AND register_stale;
-- fails
((kind = 'micro_drama' AND permit_parsed) AND NOT register_stale) AND NOT registered;
-- action
'block';

-- permit-year-implausible
-- applies
kind = 'micro_drama' AND (permit_parsed AND NOT permit_year IS NULL);
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND (permit_parsed AND NOT permit_year IS NULL)) AND (permit_year > EXTRACT(YEAR FROM CAST('2026-11-22' AS DATE)) OR (permit_year < 2022 AND (permit_family IS NOT DISTINCT FROM 'licence' OR permit_family IS NOT DISTINCT FROM 'filing')));
-- action
'block';

-- platform-unqualified
-- applies
kind = 'micro_drama' AND platform_filing;
-- unknown
(kind = 'micro_drama' AND platform_filing) AND (NOT issuer_is_own AND (issuer_operator IS NULL OR platform_operator IS NULL) AND ((platform_av_licence IS NULL AND platform_registration_no IS NULL) OR (NOT platform_valid_until IS NULL AND platform_valid_until < CAST('2026-11-22' AS DATE))));
-- fails
((kind = 'micro_drama' AND platform_filing) AND NOT (NOT issuer_is_own AND (issuer_operator IS NULL OR platform_operator IS NULL) AND ((platform_av_licence IS NULL AND platform_registration_no IS NULL) OR (NOT platform_valid_until IS NULL AND platform_valid_until < CAST('2026-11-22' AS DATE))))) AND ((issuer_is_own OR issuer_operator IS NOT DISTINCT FROM platform_operator) AND ((platform_av_licence IS NULL AND platform_registration_no IS NULL) OR (NOT platform_valid_until IS NULL AND platform_valid_until < CAST('2026-11-22' AS DATE))));
-- action
'block';

-- private-upload-special-subject
-- applies
kind = 'micro_drama' AND uploader = 'individual';
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND uploader = 'individual') AND special_subject;
-- action
'hold';

-- reshow-unreviewed
-- applies
kind = 'micro_drama' AND (platform_filing AND NOT reshown_at IS NULL AND (taken_down_at IS NULL OR reshown_at > taken_down_at));
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND (platform_filing AND NOT reshown_at IS NULL AND (taken_down_at IS NULL OR reshown_at > taken_down_at))) AND (reviewed_at IS NULL OR (NOT taken_down_at IS NULL AND reviewed_at < taken_down_at));
-- action
'hold';

-- review-missing
-- applies
kind = 'micro_drama' AND platform_filing;
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND platform_filing) AND (reviewed_at IS NULL OR (status = 'online' AND reshown_at IS NULL AND NOT online_at IS NULL AND reviewed_at > online_at));
-- action
'hold';

-- same-operator-number
-- applies
kind = 'micro_drama' AND platform_filing;
-- unknown
(kind = 'micro_drama' AND platform_filing) AND (NOT issuer_is_own AND (issuer_operator IS NULL OR platform_operator IS NULL));
-- fails
((kind = 'micro_drama' AND platform_filing) AND NOT (NOT issuer_is_own AND (issuer_operator IS NULL OR platform_operator IS NULL))) AND (NOT issuer_is_own AND issuer_operator IS NOT DISTINCT FROM platform_operator);
-- action
'warn';

-- tier-under-declared
-- applies
kind = 'micro_drama' AND (NOT tier IS NULL AND NOT declared_tier IS NULL);
-- unknown
FALSE;
-- fails
(kind = 'micro_drama' AND (NOT tier IS NULL AND NOT declared_tier IS NULL)) AND declared_tier > tier;
-- action
'warn';

-- tier-unknown
-- applies
kind = 'micro_drama';
-- unknown
FALSE;
-- fails
kind = 'micro_drama' AND (tier IS NULL AND permit_rank IS DISTINCT FROM 1);
-- action
'hold';

-- unmarked-micro-drama
-- applies
kind = 'drama';
-- unknown
FALSE;
-- fails
kind = 'drama' AND (longest_episode_s < 1200 AND episode_count >= 3);
-- action
'hold';
