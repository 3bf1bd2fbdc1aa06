"""Errors of the bibliography."""

from remedy import Remedy

from mvtheory.references import Credit, Source

PLACES = ("mvtheory/references.py",)
REMEDIES = [
    Remedy(
        lambda: Source("nobody1900"),
        "nobody1900.*bib",
        lambda: Source("johnson1977"),
    ),
    Remedy(
        lambda: Credit("ours, from {} and {}", Source("johnson1977")),
        "with 1 sources .*: give a source for each",
        lambda: Credit("ours, from {} and {}", Source("johnson1977"), Source("owen1956")),
    ),
]
