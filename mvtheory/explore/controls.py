"""What a panel lets people move: sliders over arguments of the theory, and choices of one word."""

from dataclasses import dataclass, replace
from typing import Any

from mvtheory.arguments import Argument

Value = int | float | str


@dataclass(frozen=True, kw_only=True)
class Slider:
    """A slider over some values of an argument, in order; others between its ends can be typed.

    Parameters
    ----------
    argument : Argument
        Names it, and its declared range holds all values: ValueError otherwise.
    values : tuple of float
        Where the slider stops.
    start : float
        The value at first, one of them.
    coarse : tuple of float
        Those that are computed beforehand for the page that needs no server; `start` alone if none.
    typed : bool
        Whether values between those of the slider are allowed.
    only : tuple of str
        The words of the panel's first choice for which it is shown; for all if none.
    """

    argument: Argument
    values: tuple[float, ...]
    start: float
    coarse: tuple[float, ...] = ()
    typed: bool = True
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.argument.check(self.values)
        if not {self.start, *self.coarse} <= set(self.values) or self.start not in self._stops:
            raise ValueError(
                f"{self.name}: start={self.start}, coarse={self.coarse} are not allowed (among "
                f"values={self.values}, and the start among coarse); choose them so"
            )

    @property
    def _stops(self) -> tuple[float, ...]:
        return self.coarse or (self.start,)

    @property
    def name(self) -> str:
        return self.argument.name

    @property
    def range(self) -> Argument:
        """The argument between the ends of the slider."""
        low, high = self.values[0], self.values[-1]
        return replace(self.argument, low=low, high=high, low_open=False, high_open=False)

    def read(self, text: str) -> Value:
        """The value that was sent, checked as arguments are; ValueError if it is not allowed."""
        try:
            given = float(text)
        except ValueError:
            raise self.range.error(text, "write it as a number, such as 0.5") from None
        value = self.range.number(given)
        if not self.typed and value not in self.values:
            listed = ", ".join(f"{stop:g}" for stop in self.values)
            raise self.range.error(value, f"choose one that is computed: {listed}")
        return value

    def described(self, coarse: bool) -> dict[str, Any]:
        """As the page reads it, with all values or the coarse ones alone."""
        values = self._stops if coarse else self.values
        return {
            "kind": "slider",
            "name": self.name,
            "symbol": self.argument.symbol,
            "meaning": self.argument.meaning,
            "range": self.range.range_text,
            "integer": self.argument.integer,
            "values": values,
            "start": values.index(self.start),
            "typed": self.typed and not coarse,
            "only": self.only,
        }


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A choice of one word; `coarse` are those of the page that needs no server, all if none."""

    name: str
    meaning: str
    options: tuple[str, ...]
    coarse: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    @property
    def start(self) -> str:
        return self.options[0]

    def read(self, text: str) -> Value:
        """The word that was sent; ValueError for another."""
        if text not in self.options:
            raise ValueError(
                f"{self.name}={text!r} is not allowed ({self.meaning}); choose from "
                f"{', '.join(self.options)}"
            )
        return text

    def described(self, coarse: bool) -> dict[str, Any]:
        """As the page reads it."""
        return {
            "kind": "choice",
            "name": self.name,
            "meaning": self.meaning,
            "values": (self.coarse or self.options) if coarse else self.options,
            "start": 0,
            "only": self.only,
        }


Control = Slider | Choice
