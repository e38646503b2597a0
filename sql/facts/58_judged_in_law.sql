-- view: judged_in_law
-- The law of a title is that of its online day, unless grandfathering is off.
SELECT
    *,
    law_number(form, CASE WHEN :grandfathering THEN online_on ELSE GREATEST(online_on, :as_of) END) AS law_no,
    special_words(subjects) AS special_subjects
FROM judged
