-- file: register_rows
-- The register likewise.
SELECT
    number_key, CASE WHEN number_key IS NULL THEN permit_raw END AS odd_text,
    status, title_name, alt_name, producer, issued_on, updated_at
FROM keyed('register_texts')
