-- view: registered
-- One row a number: R of the contract.
SELECT number_key, status, title_name, alt_name, producer, issued_on
FROM keyed_register ANTI JOIN register_repeated USING (number_key)
UNION ALL
SELECT number_key, status, title_name, alt_name, producer, issued_on FROM register_repeated
