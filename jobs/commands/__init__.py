"""The commands of `gate` that speak of jobs."""
