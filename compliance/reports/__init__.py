"""Reports from one report model."""
