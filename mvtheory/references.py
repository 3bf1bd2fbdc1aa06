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

    @property
    def entry(self) -> dict[str, str]:
        """Fields of the work in references.bib, and what it is called, as `short`."""
        return bibliography()[self.key]

    def __str__(self) -> str:
        work = f"{self.entry['short']} ({self.entry['year']})"
        return f"{work}, {self.place}" if self.place else work


@dataclass(frozen=True, init=False)
class Credit:
    """What a statement owes to several places, or to none of the bibliography, in words.

    Parameters
    ----------
    words : str
        A sentence with a place in braces for each source, as `str.format` has them; {0.entry[year]}
        and the like for a part of one.
    works : Source
        As many as the words have places for; fewer raise ValueError.

    Examples
    --------
    >>> law, depth = Source("allenzhu2023", "Appendix D"), Source("saxe2022")
    >>> str(Credit("{} for the law, {} for depth; the rest: ours", law, depth))
    'Allen-Zhu & Li (2023), Appendix D for the law, Saxe, Sodhani & Lewallen (2022) for depth; the rest: ours'
    """  # noqa: E501

    words: str
    works: tuple[Source, ...]

    def __init__(self, words: str, *works: Source) -> None:
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "works", works)
        try:
            str(self)
        except (AttributeError, LookupError, ValueError) as error:
            raise ValueError(
                f"words={words!r} cannot be filled in with {len(works)} sources ({error}); allowed "
                "are {}, {0}, {0.place}, {0.entry[year]} and the like: give a source for each"
            ) from None

    def __str__(self) -> str:
        return self.words.format(*self.works)
