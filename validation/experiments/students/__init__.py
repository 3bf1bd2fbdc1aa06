"""Students of hard, mixed and soft labels."""
