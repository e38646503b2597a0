-- What the gate may do in the catalog's PostgreSQL database: read the eight relations, and nothing else.
-- Run by an administrator, or by the owner of the relations where that may make roles; leave out those that your catalog
-- lacks. Then: \password gate_catalog
CREATE ROLE gate_catalog LOGIN NOINHERIT NOCREATEDB NOCREATEROLE CONNECTION LIMIT 16;
ALTER ROLE gate_catalog SET default_transaction_read_only = on;
ALTER ROLE gate_catalog SET statement_timeout = '2h';
GRANT USAGE ON SCHEMA public TO gate_catalog;
GRANT SELECT ON titles, register, platforms, issuers, labels, episodes, placements, dossiers TO gate_catalog;
