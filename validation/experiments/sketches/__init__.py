"""Sketched ridge regressions."""
