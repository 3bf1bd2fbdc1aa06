"""The folder of a run: what is stored in it, and what follows from it."""
