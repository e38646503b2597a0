-- scratch: label_exceptions
-- Titles whose labels are looked at closely: another number or none, a stale row, another title; and those that have no
-- number of their own to compare with.
SELECT DISTINCT
    u.title_id, u.name, u.online_on,
    CASE WHEN o.text IS NULL THEN u.permit_raw ELSE o.permit END AS permit
FROM unlike_labels AS u
LEFT JOIN odd_numbers AS o ON o.text = u.permit_raw
LEFT JOIN label_numbers AS n ON n.text = u.text
WHERE
    u.stale OR u.other_title OR u.text IS NULL OR u.permit_raw IS NULL
    OR (u.text IS DISTINCT FROM o.permit AND n.permit IS DISTINCT FROM COALESCE(o.permit, u.permit_raw))
