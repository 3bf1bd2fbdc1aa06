"""Wide perceptrons on digits, whose kernel of gradients training hardly changes."""
