"""What a claim is: numbers predicted before training, and what is observed of them after it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvtheory.html import card
from mvtheory.references import Credit, Source
from validation.code import modules_of
from validation.trial.columns import Frames

if TYPE_CHECKING:
    import pandas as pd

Law = TypeVar("Law")
Tables = dict[str, list[dict[str, Any]]]
"""What one replicate measured: rows of named tables."""


EXTRAS = ("curves", "weights")
"""Tables that are large and made only when asked for."""


class Verdict(StrEnum):
    HOLDS = "HOLDS"
    FAILS = "FAILS"
    INCONCLUSIVE = "INCONCLUSIVE"
    OUTSIDE = "OUTSIDE ASSUMPTIONS"


class Setting(Protocol):
    """One configuration of an experiment; replicates of it are independent data sets."""

    @property
    def experiment(self) -> str: ...

    @property
    def trainer(self) -> str:
        """The module that trains and measures it (see `validation.experiments.measure`)."""
        ...

    @property
    def label(self) -> str: ...

    @property
    def networks(self) -> int:
        """Models trained in one replicate."""
        ...

    @property
    def kind_of_model(self) -> str:
        """What they are, such as "network" or "ridge regression"."""
        ...

    def describe(self) -> dict[str, Any]:
        """Every number of the setting, as plain data; with the seed it determines the results."""
        ...

    @property
    def files(self) -> bool:
        """Whether it needs files that are the user's to bring."""
        ...

    def ready(self) -> None:
        """ValueError, before anything is trained, if they are not as they should be."""
        ...

    def shortened(self, steps: int) -> "Setting":
        """The same setting trained for fewer steps, to measure what a step costs."""
        ...

    @property
    def steps(self) -> int: ...

    @property
    def work(self) -> float:
        """Of a replicate, to compare the costs of an experiment's settings."""
        ...


@dataclass(frozen=True)
class Expectation:
    """A number predicted before training, and the range in which an observation confirms it.

    `predicted` is the theory's asymptotic value; `finite_size`, where the theory has one, its
    value at the sizes used. The range [low, high] holds both and the margin around them; None
    leaves a side open. `spread` is the standard deviation of one replicate that the theory expects
    and `trials`, for a proportion, the independent trials in a replicate: the power analysis needs
    both. With a spread of 0 the number is certain: replicates that agree decide it.
    """

    panel: str
    series: str
    x: float | str
    predicted: float
    low: float | None
    high: float | None
    spread: float
    trials: int | None = None
    finite_size: float | None = None
    bound: bool | None = None
    """Whether the one end of the range is all that is claimed, so that `predicted` only says what
    replicates were planned for. Where it is not given, ranges open on a side are bounds, unless
    there is a value at finite size."""

    def __post_init__(self) -> None:
        if self.bound is None:
            object.__setattr__(self, "bound", self._bound_by_default)
        if self.low is None and self.high is None:
            raise ValueError(
                f"{self.panel}, {self.x}: low or high must be given, else all holds; give one"
            )
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(
                f"{self.panel}, {self.x}: the range [{self.low}, {self.high}] is empty; choose "
                "low < high"
            )

    @classmethod
    def around(
        cls,
        panel: str,
        series: str,
        x: float | str,
        predicted: float,
        margin: float,
        spread: float,
        trials: int | None = None,
        finite_size: float | None = None,
        most: float = math.inf,
    ) -> "Expectation":
        """With the range of `margin` around the prediction, and around that at finite size.

        Above it is left open where it reaches `most`, which nothing observed can exceed.
        """
        at_finite = predicted if finite_size is None else finite_size
        low, high = min(predicted, at_finite) - margin, max(predicted, at_finite) + margin
        ends = low, high if high < most else None
        return cls(panel, series, x, predicted, *ends, spread, trials, finite_size, False)

    @property
    def expected(self) -> float:
        """The best prediction: at finite size where there is one."""
        return self.predicted if self.finite_size is None else self.finite_size

    @property
    def _bound_by_default(self) -> bool:
        return (self.low is None or self.high is None) and self.finite_size is None

    def plain(self) -> dict[str, Any]:
        """As plain data, from which it is made again."""
        said = asdict(self)
        if self.bound == self._bound_by_default:
            del said["bound"]  # older plans do not say it
        return said


@dataclass(frozen=True)
class Sample:
    """Independent replicates of one number.

    `trials` is None, or for a proportion the number of independent trials in all replicates
    together, counted so that it errs on the low side.
    """

    values: NDArray[np.float64]
    trials: int | None = None
    mean: float = field(init=False, compare=False)
    deviation: float = field(init=False, compare=False)
    """Standard deviation of a replicate as estimated from these; infinite from one."""

    def __post_init__(self) -> None:
        # By hand: of few numbers numpy's own take ten times as long, and a calibration takes
        # millions of samples.
        count, total = self.values.size, np.add.reduce
        mean, deviation = float(total(self.values)) / count, math.inf
        if count > 1 and (self.values == self.values[0]).all():
            mean, deviation = float(self.values[0]), 0.0
        elif count > 1:
            away = self.values - mean
            deviation = math.sqrt(float(total(away * away)) / (count - 1))
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "deviation", deviation)

    @classmethod
    def of(cls, values: ArrayLike, trials: int | None = None) -> "Sample":
        array = np.asarray(values, dtype=float)
        if array.ndim != 1 or not array.size or not np.isfinite(array).all():
            raise ValueError(
                f"values={values!r} is not allowed (one finite number a replicate); leave out "
                "replicates without"
            )
        if trials is not None and (array.min() < -1e-9 or array.max() > 1 + 1e-9):
            raise ValueError(
                f"values={values!r} is not allowed with trials (proportions in [0, 1]); give "
                "trials=None for what is no proportion"
            )
        return cls(array, trials)


def paired_difference(
    table: "pd.DataFrame", value: str, of: dict[str, Any], minus: dict[str, Any]
) -> Sample:
    """Differences within replicates between two sorts of rows of a table.

    Both were measured on the same networks and test items, so what these share cancels.
    """
    sides = []
    for chosen in (of, minus):
        rows = table
        for column, wanted in chosen.items():
            rows = rows[rows[column] == wanted]
        sides.append(rows.set_index("replicate")[value])
    first, second = sides
    if not first.index.is_unique or sorted(first.index) != sorted(second.index):
        raise ValueError(
            f"{of} and {minus} do not pair (one row each in every replicate); choose rows that "
            "each replicate has once"
        )
    return Sample.of((first - second.reindex(first.index)).to_numpy())


def means(rows: "pd.DataFrame", quantity: str) -> NDArray[np.float64]:
    """Mean of a quantity over the rows of each replicate, in the order of replicates."""
    return rows.groupby("replicate", sort=True)[quantity].mean().to_numpy()


@dataclass(frozen=True)
class Measured:
    """The replicates 0 .. n-1 of a setting, as pandas frames with a column `replicate`.

    Claims share them and change none. A cell that holds several numbers is a list or an array.
    """

    setting: Any
    replicates: int
    tables: "Mapping[str, pd.DataFrame]"

    def first(self, replicates: int) -> "Measured":
        """The first so many of those that are there."""
        if isinstance(self.tables, Frames):
            return Measured(self.setting, replicates, self.tables.first(replicates))
        chosen = sorted({n for t in self.tables.values() for n in t["replicate"]})[:replicates]
        tables = {name: t[t["replicate"].isin(chosen)] for name, t in self.tables.items()}
        return Measured(self.setting, replicates, tables)

    def numbers(self, table: str, *columns: str) -> list[NDArray]:
        """Columns of a table as arrays, shapes (rows, ...).

        Where a row holds many numbers this takes much less than the frame's column of arrays.
        """
        if isinstance(self.tables, Frames):
            return self.tables.numbers(table, *columns)
        return [np.array(self.tables[table][name].tolist()) for name in columns]

    def by_replicate(self, table: str, quantity: str) -> NDArray[np.float64]:
        """Mean of a quantity over the rows of each replicate, in the order of replicates."""
        return means(self.tables[table], quantity)


@dataclass(frozen=True)
class Comparison:
    """An expectation with what was observed of it."""

    expectation: Expectation
    observed: float
    standard_error: float | None
    interval: tuple[float | None, float | None]
    """None where it is endless, as from one replicate."""
    replicates: int
    verdict: Verdict
    exact: bool
    """Whether the interval is that of a proportion by its trials, not Student's."""
    to_decide: int | None = None
    """Of a comparison that is undecided, about how many replicates would decide it."""
    confidence: float | None = None
    """Of the interval with both of its ends: that which the verdict goes by."""

    @property
    def difference(self) -> float:
        return self.observed - self.expectation.predicted


@dataclass(frozen=True)
class Wrong:
    """A deliberately wrong formula or rule, which the claim must refuse."""

    words: str
    expect: Callable[[Any], list[Expectation]] | None = None
    """What the wrong formula predicts: as many numbers as the right one, in the same order."""
    truth: Callable[[Expectation, int], float] | None = None
    """For a wrong rule: the share that it would get right, by expectation and views."""


def wrong_by(expect: Callable[[Any, Law], list[Expectation]]) -> Callable[[str, Law], Wrong]:
    """Makes a `Wrong` of words and of a law that `expect` takes in place of the right one."""
    return lambda words, law: Wrong(words, lambda setting: expect(setting, law))


@dataclass(frozen=True)
class Claim:
    """A statement of the theory that trained networks can hold or refute.

    `settings(preset)` lists what must be trained; `expect(setting)` predicts from the setting
    alone, before anything is trained; `observe(measured)` gives, in the same order, a sample of
    independent replicates for each expectation. `require` and `check` do the same for the
    preconditions that networks must meet before the claim says anything about them.
    """

    name: str
    title: str
    statement: str
    sources: tuple[Source | Credit, ...]
    formulas: tuple[str, ...]
    assumptions: tuple[str, ...]
    margin: str
    change: str
    panels: dict[str, tuple[str, str] | tuple[str, str, str]]
    """Labels of each panel of the figure: (x, y) of curves or frames, (x, y, colour) of a map.

    A map has a cell for each expectation: its x is a number and its series the y value, written
    as a number.
    """
    settings: Callable[[str], tuple[Any, ...]]
    expect: Callable[[Any], list[Expectation]]
    observe: Callable[[Measured], list[Sample]]
    require: Callable[[Any], list[Expectation]]
    check: Callable[[Measured], list[Sample]]
    wrong: tuple[Wrong, ...]
    """Formulas that must be refused where the claim HOLDS: what shows that it can fail."""
    remarks: Callable[[Sequence[Comparison], Sequence[Measured]], list[str]] = field(
        default=lambda comparisons, measured: []
    )
    does_not_show: tuple[str, ...] = ()
    """What is not shown where it HOLDS: assumptions and sizes that were not varied, and what else
    would look the same."""
    refuted: str = ""
    """Why the source's statement fails, and in which regime it holds; empty for a claim that is
    expected to hold."""
    place: tuple[int, ...] = ()
    """Its place among the claims that are listed with it, chapter and number; empty for the end."""
    costly: tuple[str, ...] = ()
    """Presets at which a run of all claims leaves it out for its cost: a run of its name, or of
    its chapter's, has it."""
    module: str = ""
    """Of a claim from outside, the module that it is in; `validation.claims` puts it here."""

    def __repr__(self) -> str:
        credits = "; ".join(map(str, self.sources))
        return f"<Claim {self.name}: {self.title}\n expected: {self.recorded}; {credits}>"

    def _repr_html_(self) -> str:
        import mvtheory

        found: dict[str, Any] = {name: mvtheory.lookup(name) for name in self.formulas}
        rows = [
            *((n, f"$\\displaystyle {own.equation()}$") for n, own in found.items()),
            ("source", "; ".join(map(str, self.sources))),
            ("expected", str(self.recorded)),
            ("margin", self.margin),
            ("does not show", "; ".join(self.does_not_show)),
        ]
        return card(f"{self.name}: {self.title}", [self.statement], rows)

    @property
    def modules(self) -> list[str]:
        """Where it is defined, by its functions."""
        return modules_of((self.settings, self.expect, self.observe, self.require, self.check))

    @property
    def recorded(self) -> Verdict:
        """The verdict of record: what a run is expected to find."""
        return Verdict.FAILS if self.refuted else Verdict.HOLDS
