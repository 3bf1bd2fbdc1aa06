"""A panel of the explorer: what it lets people move, what it shows, and how to get it in Python."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mvtheory.explore.closed import Closed
from mvtheory.explore.controls import Choice, Control, Value
from mvtheory.explore.equations import written
from mvtheory.explore.picture import Picture

EVERY = ""
"""The word under which equations and calls stand that hold for each word of the first choice."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel.

    Parameters
    ----------
    name, title, words : str
        In addresses, over it, and a sentence or two on what it shows.
    controls : tuple of Slider or Choice
        In order; what some are shown for goes by the first, a choice.
    picture : callable
        From the values of all controls, by name, to what is shown. `Closed` for closed forms,
        which need no server.
    equations : callable
        To sympy equations by word of the first choice, or by EVERY. Called when first needed.
    calls : mapping
        Python code by word of the first choice, or by EVERY, with {name} for the value of a
        control. The value of its last line is the first of the picture's numbers.
    """

    name: str
    title: str
    words: str
    controls: tuple[Control, ...]
    picture: Callable[..., Picture]
    equations: Callable[[], Mapping[str, list[Any]]]
    calls: Mapping[str, str]

    @property
    def choice(self) -> Choice | None:
        """The first control if it is a choice: equations, calls and controls go by it."""
        first = self.controls[0]
        return first if isinstance(first, Choice) else None

    def read(self, given: Mapping[str, str]) -> dict[str, Value]:
        """Values of all controls from what was sent, each checked; those not sent are at start."""
        known = {control.name: control for control in self.controls}
        for name in given:
            if name not in known:
                raise ValueError(
                    f"argument {name!r} is unknown: {self.name} has {', '.join(known)}"
                )
        return {
            name: control.read(given[name]) if name in given else control.start
            for name, control in known.items()
        }

    def call(self, **values: Value) -> str:
        """The Python code at these values; the page writes the same."""
        template = self.calls.get(str(values.get(self.choice.name)) if self.choice else EVERY)
        code = self.calls[EVERY] if template is None else template
        return re.sub(
            r"\{(\w+)\}", lambda own: _text(values[own[1]]) if own[1] in values else own[0], code
        )

    def described(self, coarse: bool) -> dict[str, Any]:
        """As the page reads it; `coarse` for the one that needs no server."""
        closed = isinstance(self.picture, Closed)
        return {
            "name": self.name,
            "title": self.title,
            "words": self.words,
            "controls": [own.described(coarse and not closed) for own in self.controls],
            "equations": {
                word: [written(equation) for equation in equations]
                for word, equations in self.equations().items()
            },
            "calls": self.calls,
            "closed": self.picture.described() if isinstance(self.picture, Closed) else None,
        }

    def beforehand(self) -> Iterator[tuple[str, dict[str, Value]]]:
        """Values of the controls on the coarse grid, with their places in it as text."""
        described = [control.described(coarse=True) for control in self.controls]
        words = described[0]["values"] if self.choice else (EVERY,)
        for word in words:
            shown = [own for own in described if not own["only"] or word in own["only"]]
            places = [range(len(own["values"])) for own in shown]
            if self.choice:
                places[0] = range(words.index(word), words.index(word) + 1)
            for at in itertools.product(*places):
                values: dict[str, Value] = {own.name: own.start for own in self.controls}
                values |= {o["name"]: o["values"][i] for o, i in zip(shown, at, strict=True)}
                yield ",".join(map(str, at)), values


def _text(value: Value) -> str:
    """As JavaScript writes it: whole numbers without a point."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)
