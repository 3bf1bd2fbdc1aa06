"""Optimal mixing of ridge regressions."""
