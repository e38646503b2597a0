"""Mutated catalogs against whole audits: `python -m tests.fuzz --cells 100000`."""
