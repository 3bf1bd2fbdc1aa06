"""Convolutional networks on images: alone, together, and learning from one another."""
