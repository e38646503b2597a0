"""The incremental audit: judge what a change may touch, carry the rest, and equal a full audit row by row."""
