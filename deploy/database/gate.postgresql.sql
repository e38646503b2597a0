-- What the gate may do in its own PostgreSQL database: add to the ledger, keep the jobs' records, never alter an entry.
-- The tables belong to another role, by which they are made and migrated (`gate audit` makes them; afterwards
-- `alembic -x url=... upgrade head` in sql/ledger and sql/jobs). Run by that role. Then: \password gate_writer
CREATE ROLE gate_writer LOGIN NOINHERIT NOCREATEDB NOCREATEROLE CONNECTION LIMIT 32;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO gate_writer;
-- The chain is only ever added to; its signed head is replaced, and the end of a verdict's interval set.
GRANT SELECT, INSERT ON ledger_entries TO gate_writer;
GRANT SELECT, INSERT, DELETE ON ledger_head TO gate_writer;
GRANT SELECT, INSERT, UPDATE (until_seq) ON verdict_intervals TO gate_writer;
GRANT SELECT ON alembic_version, job_version TO gate_writer;
-- The jobs' records are forgotten after a while.
GRANT SELECT, INSERT, UPDATE, DELETE ON job_runs, job_attempts, job_leases, job_watches, job_alerts TO gate_writer;
GRANT USAGE ON SEQUENCE job_alerts_number_seq TO gate_writer;
