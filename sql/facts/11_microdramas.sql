-- view: microdramas
-- What the set-level steps need of each judged micro-drama.
SELECT title_id, name, form, producer, online_on, permit_raw FROM judged WHERE kind = 'micro_drama'
