"""Where a result comes from: keys of the one bibliography, `references.bib`."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources


@cache
def bibliography() -> dict[str, dict[str, str]]:
    """Fields of every entry of references.bib, by key."""
    text = resources.files("mvtheory").joinpath("references.bib").read_text(encoding="utf-8")
    entries = {}
    for key, body in re.findall(r"@\w+\{(\w+),\n(.*?)\n\}", text, flags=re.DOTALL):
        entries[key] = dict(re.findall(r"^\s*(\w+) = \{(.*)\},?$", body, flags=re.MULTILINE))
    return entries


@dataclass(frozen=True)
class Source:
    """A place in a work of the bibliography.

    Parameters
    ----------
    key : str
        Key in references.bib; an unknown one raises ValueError.
    place : str
        Theorem, equation or section; may be empty.

    Examples
    --------
    >>> str(Source("allenzhu2023", "Theorem 2"))
    'Allen-Zhu & Li (2023), Theorem 2'
    """

    key: str
    place: str = ""

    def __post_init__(self) -> None:
        if self.key not in bibliography():
            raise ValueError(
                f"key={self.key!r} is not in references.bib; known keys: "
                f"{', '.join(sorted(bibliography()))}; add an entry"
            )

    def __str__(self) -> str:
        entry = bibliography()[self.key]
        work = f"{entry['short']} ({entry['year']})"
        return f"{work}, {self.place}" if self.place else work
