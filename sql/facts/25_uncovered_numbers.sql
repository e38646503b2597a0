-- scratch: uncovered_numbers
-- Numbers that no exact key covers (an unknown issuer, a serial beyond twelve digits) get one by enumeration.
SELECT permit, -ROW_NUMBER() OVER (ORDER BY permit) AS number_key
FROM (
    SELECT DISTINCT permit
    FROM odd_parsed ANTI JOIN number_prefixes USING (issuer, words, year)
    WHERE permit IS NOT NULL AND family <> 'online_filing'
    UNION
    SELECT permit FROM odd_parsed WHERE permit IS NOT NULL AND LENGTH(serial) > 12 AND family <> 'online_filing'
)
