"""What makes those pages of the documentation that are read off the project itself."""
