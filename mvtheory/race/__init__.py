"""Which view wins the early race, and how often the race is too close to have one winner."""

from mvtheory.race.escape import escape_time
from mvtheory.race.growth import expected_coverage, upset_probability
from mvtheory.race.winner import predict_winner

__all__ = ["escape_time", "expected_coverage", "predict_winner", "upset_probability"]
