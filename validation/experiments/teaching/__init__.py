"""Patch networks that learn from one another and from ensembles."""
