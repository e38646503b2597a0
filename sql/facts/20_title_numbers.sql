-- scratch: title_numbers
-- The number of each micro-drama that has one: its exact key where it is written in the official form, else the text.
SELECT title_id, number_key, CASE WHEN number_key IS NULL THEN permit_raw END AS odd_text
FROM keyed('microdramas')
WHERE permit_raw IS NOT NULL
