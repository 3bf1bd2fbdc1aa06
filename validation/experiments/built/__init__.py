"""Ensembles of patch networks that are built, not only started anew."""
