"""Permit numbers: patterns as data, folding, parsing, canonical form, issuers."""
