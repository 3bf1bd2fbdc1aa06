"""Perceptrons on data without views."""
