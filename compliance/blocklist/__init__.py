"""The block list in force: numbered versions, what keeps a wrong one back, and the way to those who read it."""
