"""Errors of the bibliography."""

from remedy import Remedy

from mvtheory.references import Source

PLACES = ("mvtheory/references.py",)
REMEDIES = [
    Remedy(
        lambda: Source("nobody1900"),
        "nobody1900.*bib",
        lambda: Source("johnson1977"),
    ),
]
