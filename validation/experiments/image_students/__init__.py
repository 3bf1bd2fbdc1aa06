"""Networks for images that learn from a larger one, at many temperatures and weights."""
