"""The compliance gate for micro-dramas: which titles may not go out, why, by which clause, and what to do."""
