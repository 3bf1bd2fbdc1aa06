"""Self-distilled ridge regressions whose mixing is chosen from their labels."""
