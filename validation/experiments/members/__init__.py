"""A few networks predict ensembles of others."""
