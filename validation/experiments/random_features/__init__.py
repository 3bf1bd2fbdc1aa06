"""Ensembles of random-feature regressions."""
