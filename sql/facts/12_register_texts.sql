-- view: register_texts
SELECT permit_number AS permit_raw, status, title_name, alt_name, producer, issued_on, updated_at FROM register
