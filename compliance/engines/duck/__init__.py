"""The embedded engine: DuckDB, in process and out of core."""
