-- scratch: odd_prefixes
-- What stands before the serial in numbers outside the grid of known prefixes; negative, so that it meets none of them.
SELECT -ROW_NUMBER() OVER (ORDER BY family, issuer, words, year) AS prefix_no, family, issuer, words, year
FROM (SELECT DISTINCT family, issuer, words, year FROM odd_parsed WHERE permit IS NOT NULL)
ANTI JOIN number_prefixes USING (issuer, words, year)
