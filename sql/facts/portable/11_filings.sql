-- view: filings
-- The register, its number as a text to be taken apart.
SELECT permit_number AS number_text, status, title_name, alt_name, producer, issued_on, updated_at FROM register
