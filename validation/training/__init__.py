"""Networks and their training, many at once."""
