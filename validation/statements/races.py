"""Saxe, Sodhani & Lewallen (2022): pathways of gated linear networks race."""

from mvtheory.references import Source
from validation.statements.statement import Statement

STATEMENTS = (
    Statement(
        Source("saxe2022", "the race of pathways"),
        "The pathway that learns fastest explains the data and takes from the others what they "
        "would have learned from.",
        ("race.predict_winner",),
        ("winner",),
    ),
    Statement(
        Source("saxe2022", "dynamics of two layers"),
        "Two layers grow in proportion to their strength, the case q = 2: strengths keep their "
        "ratio, and nothing wins.",
        ("race.time_to_reach", "race.loser_strength"),
        ("summed-views-growth", "phase-diagram"),
    ),
)
