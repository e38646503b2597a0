"""Push-down: a catalog that may not leave its PostgreSQL database is judged inside it, and only findings come out."""
