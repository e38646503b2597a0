"""The rule language: facts, loading, checking, compiling."""
