"""Students that differ in their starts, their width, their temperatures and their teachers."""
