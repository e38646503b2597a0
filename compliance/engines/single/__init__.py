"""One title before publication: its facts in plain Python, its rules as Python functions."""
