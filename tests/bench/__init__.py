"""Measurements, run by `make bench` and `make bench-quick`; pytest collects nothing here."""
