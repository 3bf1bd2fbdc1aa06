"""Claims and how they are judged: pure statistics, no files."""
