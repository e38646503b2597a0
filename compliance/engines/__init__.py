"""Engines: they gather facts and judge titles."""
