-- What the gate may do in its own PostgreSQL database: add to ledger and register, keep the jobs' records, never alter an
-- entry. Run by gate_owner once the tables are there: gate.postgresql.roles.sql has the steps.
GRANT USAGE ON SCHEMA public TO gate_writer;
-- The chain is only ever added to; its signed head is replaced, and the end of a verdict's interval set.
GRANT SELECT, INSERT ON ledger_entries TO gate_writer;
GRANT SELECT, INSERT, DELETE ON ledger_head TO gate_writer;
GRANT SELECT, INSERT, UPDATE (until_seq) ON verdict_intervals TO gate_writer;
-- An import puts a system's rows in the place of those before, and what it has changed is kept. A number that was given
-- to a title stays its own.
GRANT SELECT, INSERT, DELETE ON register_systems, register_parts TO gate_writer;
GRANT SELECT, INSERT ON register_imports, register_changes, assigned_numbers TO gate_writer;
GRANT SELECT, INSERT, UPDATE (last) ON platform_serials TO gate_writer;
GRANT USAGE ON SEQUENCE register_imports_import_id_seq, register_changes_change_id_seq TO gate_writer;
-- The jobs' records are forgotten after a while.
GRANT SELECT, INSERT, UPDATE, DELETE ON job_runs, job_attempts, job_leases, job_watches, job_alerts TO gate_writer;
GRANT USAGE ON SEQUENCE job_alerts_number_seq TO gate_writer;
-- In which form the tables are.
GRANT SELECT ON alembic_version, register_schema, job_version TO gate_writer;
