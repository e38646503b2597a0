-- scratch: register_numbers, joined as written
-- The numbers of the register likewise.
SELECT number_key, CASE WHEN number_key IS NULL THEN permit_raw END AS odd_text
FROM keyed('register_texts')
