"""What is to be done where a GPU is at hand for minutes: part by part, none of it lost."""
