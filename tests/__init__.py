"""The tests; shared helpers stand beside this file."""
