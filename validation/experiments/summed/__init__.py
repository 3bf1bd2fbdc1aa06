"""Perceptrons on sums of views."""
