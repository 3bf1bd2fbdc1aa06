"""Gated deep linear networks, whose pathways race for the classes."""
