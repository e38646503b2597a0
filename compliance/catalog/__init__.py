"""What comes in: the eight relations, their readers, mappings and contract check."""
