-- view: label_texts
-- Texts worth reading: neither the title's number as typed nor its canonical form, or of a title whose own number was
-- not understood.
SELECT DISTINCT u.text
FROM unlike_labels AS u LEFT JOIN odd_numbers AS o ON o.text = u.permit_raw
WHERE u.other_text AND u.text IS NOT NULL AND u.text IS DISTINCT FROM o.permit
