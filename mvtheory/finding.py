"""Search in everything that has a name: formulas, theorems, functions, laws and claims."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from mvtheory import catalogue
from mvtheory.formula import Formula
from mvtheory.references import Source
from mvtheory.theorems import Theorem

WEIGHTS = {"name": 8, "summary": 4, "text": 2, "source": 1}
"""What a word counts that is found there."""
WIDTH = 80
MOST = 20
"""Lines of what is shown; more are counted."""


@dataclass(frozen=True)
class Hit:
    """One thing that was found: its name as `mvtheory show` takes it, what it is, and where."""

    name: str
    summary: str
    kind: str
    found_in: tuple[str, ...]
    """Which of name, summary, text and source hold the words."""
    score: int

    def __repr__(self) -> str:
        return f"{self.name}: {self.summary}"


class Found(tuple[Hit, ...]):
    """What `search` returns: a tuple of hits, the best first, that prints as a list.

    Examples
    --------
    >>> Found()
    Found nothing
    """

    said: str = ""
    """What else is to be told: a word that is nearer, or that claims were not searched."""

    def __repr__(self) -> str:
        width = max((len(hit.name) for hit in self[:MOST]), default=0)
        lines = [cut(f"{hit.name:{width}}  {hit.summary}") for hit in self[:MOST]]
        if len(self) > MOST:
            lines.append(f"and {len(self) - MOST} more")
        return "\n".join([*(lines or ["Found nothing"]), *([self.said] if self.said else [])])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>{escape(hit.name)}</code></td><td>{escape(hit.summary)}</td>"
            f"<td>{escape(hit.kind)}</td></tr>"
            for hit in self[:MOST]
        )
        more = f"and {len(self) - MOST} more" if len(self) > MOST else ""
        said = " ".join(part for part in (more, self.said) if part)
        return f"<table>{rows}</table>{escape(said)}" if self else escape(repr(self))


def cut(line: str, width: int = WIDTH) -> str:
    """A line no longer than so many characters.

    >>> cut("Expected coverage of an ensemble", 20)
    'Expected coverage o…'
    """
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"


def search(words: str) -> Found:
    """Find formulas, theorems, functions, laws and claims by words, the best first.

    Parameters
    ----------
    words : str
        All of them must be found, in any case, in a name, a summary, a docstring or a source:
        authors, titles, years and theorems too.

    Returns
    -------
    Found
        A tuple of `Hit`, each with the name that `mvtheory show` and `mvtheory.lookup` take.

    Raises
    ------
    ValueError
        Without a word.

    Examples
    --------
    >>> search("majority vote")[0].name
    'coverage.majority_vote'
    >>> search("temprature")
    Found nothing
    Did you mean 'temperature'?
    """
    wanted = re.findall(r"[\w.-]+", words.lower().replace("_", "-")) if words else []
    if not wanted:
        raise ValueError(f"words={words!r} holds no word (a text); write one, such as temperature")
    hits, vocabulary = [], set()
    said = ""
    try:
        rooms = [*catalogue.ROOMS, catalogue.CLAIMS] if catalogue.claims() else []
    except ValueError as error:
        rooms, said = list(catalogue.ROOMS), str(error)
    for room in rooms:
        for entry, fields in _described(room):
            plain = {part: text.lower().replace("_", "-") for part, text in fields.items()}
            vocabulary |= set(re.findall(r"\w{3,}", " ".join(plain.values())))
            found = [{part for part, text in plain.items() if word in text} for word in wanted]
            if all(found):
                # A name that is the words, or begins with them, comes before those that hold them.
                exact = 8 * (plain["name"].partition(".")[2] == "-".join(wanted))
                score = exact + sum(WEIGHTS[part] for parts in found for part in parts)
                where = tuple(part for part in WEIGHTS if any(part in parts for parts in found))
                hits.append(Hit(fields["name"], entry.summary, entry.kind, where, score))
    result = Found(sorted(hits, key=lambda hit: -hit.score))
    if not hits:
        near = [word for word in wanted if word not in vocabulary]
        close = [catalogue.nearest(word, sorted(vocabulary)) for word in near]
        said = " ".join(f"Did you mean {word!r}?" for word in close[:1] if word) or said
    result.said = said
    return result


def _described(room: str) -> Iterator[tuple[catalogue.Entry, dict[str, str]]]:
    """What a room offers, with the texts that are searched."""
    for entry in catalogue.entries(room):
        name = entry.name if entry.name.startswith(f"{room}.") else f"{room}.{entry.name}"
        text, sources = _texts(room, name)
        yield entry, {"name": name, "summary": entry.summary, "text": text, "source": sources}


def _texts(room: str, name: str) -> tuple[str, str]:
    """The long text of what has that name, and its sources."""
    own = name.partition(".")[2]
    item: Any = catalogue.claims()[own] if room == catalogue.CLAIMS else catalogue.formulas().get(
        name if room == "theorems" else own
    )  # fmt: skip
    if room == catalogue.CLAIMS:
        said = (item.statement, *item.assumptions, *item.formulas, item.refuted, item.margin)
        return " ".join(said), " ".join(_work(source) for source in item.sources)
    if isinstance(item, Theorem):
        return " ".join((item.statement, *item.hypotheses)), _work(item.source)
    if isinstance(item, Formula) and catalogue.place_of(own) == name:
        arguments = " ".join(f"{a.name} {a.symbol} {a.meaning}" for a in item.arguments)
        said = (item.quantity, item.notes, item.status_text, arguments)
        return " ".join(said), _work(item.source)
    text = catalogue.docstring(room, own)
    return text, " ".join(_work(Source(key)) for key in re.findall(r"\[(\w+)\]_", text))


def _work(source: Any) -> str:
    """A source with the authors and the title of its work, of all works of a credit."""
    works = getattr(source, "works", (source,))
    entries = (work.entry for work in works)
    return " ".join([str(source), *(f"{own['author']} {own['title']}" for own in entries)])
