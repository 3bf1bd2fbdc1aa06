"""Pathways of gated linear networks race, and with large steps share again.

Saxe, Sodhani & Lewallen (2022), Kim & Lee (2026).
"""

from mvtheory.references import Credit, Source
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
    Statement(
        Source("kim2026"),
        "Solutions of a single pathway are sharp; sharing reduces the sharpness by a factor that "
        "falls with the number of pathways and with depth, so that descent with large steps makes "
        "pathways share again that the race had left out.",
        ("race.pathway_sharpness", "race.critical_rate", "race.pathways_at_edge"),
        ("large-steps",),
    ),
    Statement(
        Credit("ours, from {}", Source("kim2026")),
        "Patch networks do not share views so: few views are sharper than one, and on "
        "cross-entropy what is fitted is stable at any rate.",
        ("race.view_sharpness", "race.settled_probability"),
        (),
        "by exact Hessians in the tests, not by networks",
    ),
)
