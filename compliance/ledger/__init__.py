"""The gate's own records."""
