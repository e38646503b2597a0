-- The gate's own database in PostgreSQL: ledger, register and the jobs' records. gate_owner owns the tables, gate_writer
-- works in them: `[ledger] url = "postgresql://gate_writer@HOST/gate"`. In this folder:
-- 1. An administrator makes roles and database, and gives both a password (\password gate_owner, \password gate_writer):
--        psql -d postgres -f gate.postgresql.roles.sql
-- 2. gate_owner makes the tables (PGPASSWORD or ~/.pgpass gives the password):
--        gate tables --database postgresql://gate_owner@HOST/gate
-- 3. and grants gate_writer what the gate needs:
--        psql -U gate_owner -d gate -f gate.postgresql.grants.sql
-- With a new version of the gate steps 2 and 3 come again, before anything else of it is started.
CREATE ROLE gate_owner LOGIN NOCREATEDB NOCREATEROLE;
CREATE ROLE gate_writer LOGIN NOINHERIT NOCREATEDB NOCREATEROLE CONNECTION LIMIT 32;
CREATE DATABASE gate OWNER gate_owner;
\connect gate
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO gate_owner;
