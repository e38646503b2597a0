-- scratch: title_numbers, joined as written
-- The numbers of the micro-dramas: the exact key where one is written in the official form, else the text.
SELECT number_key, CASE WHEN number_key IS NULL THEN permit_raw END AS odd_text
FROM keyed('microdramas')
WHERE permit_raw IS NOT NULL
