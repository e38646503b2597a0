"""Tests that run engines and database servers."""
