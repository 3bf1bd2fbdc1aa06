"""Students that learn features, on the labels of a linear teacher."""
