"""Jobs: what runs when."""
