"""Networks on some channels of a trained network's features, and on averages of them."""
