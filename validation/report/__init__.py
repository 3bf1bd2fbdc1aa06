"""What a reader sees: page, figures, tables, terminal."""
