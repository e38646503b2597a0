-- read: parsed_numbers
-- Odd texts of number fields, each once.
SELECT DISTINCT odd_text AS text
FROM (SELECT odd_text FROM judged_parts UNION ALL SELECT odd_text FROM filings_parts) AS o
WHERE odd_text IS NOT NULL
