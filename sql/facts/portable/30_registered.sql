-- view: registered
-- One row a number: R of the contract. Of several the active one counts, then the newest; the rest of the order only
-- makes it one.
SELECT permit, status, title_name, alt_name, producer, issued_on
FROM (
    SELECT
        permit, status, title_name, alt_name, producer, issued_on,
        ROW_NUMBER() OVER (
            PARTITION BY permit
            ORDER BY
                CASE WHEN status = 'active' THEN 0 ELSE 1 END, issued_on DESC NULLS LAST, updated_at DESC,
                title_name, alt_name NULLS LAST, producer NULLS LAST, status
        ) AS place
    FROM filings_numbers
    WHERE permit IS NOT NULL
) AS r
WHERE place = 1
