"""What is in raw, loaded again: chosen, counted, sent, and what became of it."""
