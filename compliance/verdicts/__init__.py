"""Findings, decisions, summary, canaries: pure."""
