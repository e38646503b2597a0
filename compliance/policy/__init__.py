"""Regimes and settings as dated data."""
