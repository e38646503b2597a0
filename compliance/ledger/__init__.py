"""The gate's own records: runs, changes of verdicts, waivers, publications; and the service's decision log."""
