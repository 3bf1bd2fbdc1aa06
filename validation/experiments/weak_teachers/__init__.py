"""Strong students of random-feature teachers."""
