"""The vocabulary: one word, one symbol and one range for each quantity of the theory."""

import difflib
import math
import numbers
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.arrays import as_array, rounding


@dataclass(frozen=True)
class Argument:
    """A named quantity with its symbol and allowed range.

    `low` and `high` are allowed themselves unless `low_open` or `high_open`. A `vector` argument
    is a probability vector along its last axis: its sum may differ from 1 by what rounding in its
    type allows, and it is divided by it.
    """

    name: str
    symbol: str
    meaning: str
    low: float
    high: float
    integer: bool = False
    low_open: bool = False
    high_open: bool = False
    vector: bool = False

    def within(self, low: float | None = None, high: float | None = None) -> "Argument":
        """The same quantity on a narrower range."""
        return replace(
            self,
            low=self.low if low is None else low,
            high=self.high if high is None else high,
        )

    @property
    def is_flag(self) -> bool:
        """Whether True and False are its values, beside 1 and 0."""
        return self.integer and (self.low, self.high) == (0, 1)

    @property
    def range_text(self) -> str:
        """The allowed range in words."""
        if self.vector:
            return "probabilities >= 0 along the last axis, their sum 1"
        kind = "integer" if self.integer else "real"
        left = "<" if self.low_open else "<="
        right = "<" if self.high_open else "<="
        return f"{kind}, {_short(self.low)} {left} {self.name} {right} {_short(self.high)}"

    def check(self, value: Any) -> NDArray[Any]:
        """The value as an int64 or float64 array; ValueError if it is not allowed."""
        array = self._numbers(value)
        floats = array.astype(float)
        below = floats <= self.low if self.low_open else floats < self.low
        above = floats >= self.high if self.high_open else floats > self.high
        bad = np.isnan(floats) | below | above
        if bad.any():
            raise self.error(floats[bad].flat[0], "choose a value in this range")
        if self.vector:
            return floats / self._sums(floats, value)
        if not self.integer:
            return floats
        fractional = floats != np.floor(floats)
        if fractional.any():
            raise self.error(floats[fractional].flat[0], "round it to a whole number")
        return array.astype(np.int64)

    def _array(self, value: Any) -> NDArray[Any]:
        try:
            return as_array(value, self.name)
        except ValueError as reason:
            raise self.error(value, f"{reason}") from None

    def _numbers(self, value: Any) -> NDArray[Any]:
        """The value as an array of real numbers, at least one of them."""
        array = self._array(value)
        if array.dtype == object and array.size:
            # Fractions, Decimals and whole numbers of any size are numbers too.
            if not all(isinstance(item, numbers.Real | Decimal) for item in array.flat):
                raise self.error(value, "give a number or an array of numbers")
            array = np.vectorize(_rounded, otypes=[float])(array)
        if array.dtype.kind == "b" and self.is_flag:
            array = array.astype(np.int64)
        if array.dtype.kind not in "iuf":
            raise self.error(value, "give a number or an array of numbers")
        if array.size == 0:
            raise self.error(value, "give at least one value")
        return array

    def number(self, value: Any) -> float:
        """The value as one float, or an int for whole numbers; ValueError if it is not allowed."""
        array = self.check(value)
        if array.ndim:
            raise self.error(array.tolist(), "give one number: call once for each value")
        found: float = array.item()
        return found

    def exact(self, value: Any) -> Any:
        """The value as a Fraction, or a tuple of them for a vector; ValueError if not allowed.

        Whole numbers, fractions and texts such as "0.7" or "2/3" are exact; a float stands for
        its exact binary value.
        """
        if not self.vector:
            return self._allowed(self._fraction(value), value)
        items = self._array(value) if _is_array(value) else value
        try:
            fractions = tuple(self._allowed(self._fraction(item), item) for item in items)
        except TypeError:
            raise self.error(value, "give one probability for each view") from None
        self._sums(np.array([float(fraction) for fraction in fractions]), value)
        total = sum(fractions, start=Fraction(0))
        return tuple(fraction / total for fraction in fractions)

    def _fraction(self, value: Any) -> Fraction:
        if _is_array(value) and not self._array(value).ndim:
            value = self._array(value)[()]
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, str):
            try:
                return Fraction(value)
            except (ValueError, ZeroDivisionError):
                raise self.error(value, "write it as 0.7 or 2/3") from None
        if hasattr(value, "p") and hasattr(value, "q"):  # sympy.Rational
            return Fraction(int(value.p), int(value.q))
        if isinstance(value, bool) and self.is_flag:
            return Fraction(int(value))
        if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
            raise self.error(value, "give one number: exact values are computed one at a time")
        if isinstance(value, numbers.Rational):
            return Fraction(value)
        if not math.isfinite(value):
            raise self.error(value, "choose a value in this range")
        return Fraction(value if isinstance(value, Decimal) else float(value))

    def _allowed(self, fraction: Fraction, given: Any) -> Fraction:
        """The fraction, if it is in the range before any rounding."""
        rounded = _rounded(fraction)
        # A double would hide what is wrong with 1.00000000000000000001: show what was given.
        lossy = math.isfinite(rounded) and Fraction(rounded) != fraction
        shown = str(given) if lossy else rounded
        low, high = _readings(self.low), _readings(self.high)
        below = fraction <= max(low) if self.low_open else fraction < min(low)
        above = fraction >= min(high) if self.high_open else fraction > max(high)
        if below or above:
            raise self.error(shown, "choose a value in this range")
        if self.integer and fraction.denominator != 1:
            raise self.error(shown, "round it to a whole number")
        return fraction

    def _sums(self, floats: NDArray[np.float64], given: Any) -> NDArray[np.float64]:
        """Sums along the last axis, kept as an axis; ValueError if they are not 1 to rounding."""
        if floats.ndim == 0:
            raise self.error(float(floats), "give one probability for each view")
        totals = floats.sum(axis=-1, keepdims=True)
        off = np.abs(totals - 1) > rounding(given, floats.shape[-1])
        if off.any():
            total = float(totals[off].flat[0])
            raise self.error(floats.tolist(), f"their sum is {total:.15g}, divide them by it")
        return np.asarray(totals)

    def error(self, value: Any, remedy: str) -> ValueError:
        """A ValueError that names the argument, the value, the range and the remedy."""
        plain = value.item() if isinstance(value, np.generic) else value
        return ValueError(
            f"{self.name}={plain!r} is not allowed ({self.meaning}: {self.range_text}); {remedy}"
        )


def meant(name: str, arguments: Iterable[Argument]) -> str:
    """A question for the argument that is meant by another word; empty if none is.

    Formulas are printed with symbols: M=3 is meant for views=3.
    """
    named = list(arguments)
    symbols = {a.symbol.lower(): a.name for a in named} | {a.symbol: a.name for a in named}
    close = difflib.get_close_matches(name.lower(), [a.name for a in named], n=1)
    word = symbols.get(name) or symbols.get(name.lower()) or next(iter(close), None)
    return f"did you mean {word!r}? " if word else ""


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or hasattr(value, "detach")


def _readings(end: float) -> tuple[Any, Any]:
    """An end of a range as the decimal that is printed, and as the double that stands for it."""
    return (Fraction(str(end)), Fraction(end)) if math.isfinite(end) else (end, end)


def _rounded(value: Any) -> float:
    """The nearest double, infinite for a number beyond all of them."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _short(value: float) -> str:
    if not math.isfinite(value):
        return "infinity"
    if value >= 1e4 and math.log10(value).is_integer():
        return f"10^{math.log10(value):.0f}"
    return f"{value:g}"


VIEWS = Argument("views", "M", "views of each class", 1, 1e12, integer=True)
NETWORKS = Argument("networks", "N", "networks in the ensemble", 1, 1e6, integer=True)
CLASSES = Argument("classes", "K", "classes", 2, 1e6, integer=True)
ROUNDS = Argument("rounds", "R", "rounds of self-distillation", 0, 1e6, integer=True)
DISTINCT = Argument("distinct", "j", "distinct views of one class", 0, 1000, integer=True)
STUDENT_WIN = Argument("student_win", "s", "1 if the student keeps its own lottery win, else 0",
                       0, 1, integer=True)  # fmt: skip
PRESENCE = Argument("presence", "p", "probability that a view is present", 0, 1)
COVERAGE = Argument("coverage", "C", "share of the class-view pairs known", 0, 1)
CONFIDENCE = Argument("confidence", "c", "probability wanted", 0, 1, low_open=True, high_open=True)
CONCENTRATION = Argument("concentration", "a", "Dirichlet concentration of shared biases",
                         1e-12, 1e12)  # fmt: skip
PROBABILITIES = Argument("probabilities", "pi", "probability of each view to be learned",
                         0, 1, vector=True)  # fmt: skip
SINGLE_VIEW_FRACTION = Argument("single_view_fraction", "mu", "fraction of single-view data", 0, 1)
STRENGTH = Argument("strength", "Lambda", "largest initial response to the view", 1e-9, 1)
DRIVE = Argument("drive", "S", "mean q-th power of the view's coefficient", 1e-9, 1e9)
POWER = Argument("power", "q", "power of the smoothed ReLU", 2, 16, low_open=True)
GATED_POWER = replace(POWER, low_open=False)
ELAPSED = Argument("elapsed", "t", "time over the escape time", 0, 1, high_open=True)
LEVEL = Argument("level", "a", "strength to be reached", 1, 1e3)
GROWTH = Argument("growth", "g", "factor by which the winner has grown", 1, 1e6)
HANDICAP = Argument("handicap", "rho", "escape time of the winner over the loser's", 0, 1)
NEURONS = Argument("neurons", "m", "neurons of each class", 1, 1e6, integer=True)
DEVIATION = Argument("deviation", "sigma", "deviation of initial responses", 0, 1e3, low_open=True)
LATE_GROWTH = Argument("late_growth", "G", "growth left after the winner has taken off", 0, 1e15)
SPREAD = Argument("spread", "tau", "relative deviation of neglected factors", 0, 1e3)
HARD_WEIGHT = Argument("hard_weight", "a_H", "Hinton's weight of the hard labels", 0, 1)
DISTILLATION_WEIGHT = Argument("distillation_weight", "alpha", "weight of the soft labels over T",
                               0, 1e30)  # fmt: skip
SOFT_WEIGHT = Argument("soft_weight", "w", "share of the soft labels, alpha/(T + alpha)", 0, 1)
MIXING = Argument("beta", "beta", "teacher's share of the mixture in a Jensen-Shannon divergence",
                  1e-12, 1, high_open=True)  # fmt: skip
BETA = Argument("beta", "beta", "divergence between the forward (0) and the reverse one (1)", 0, 1)
TEMPERATURE_FACTOR = Argument("temperature_factor", "c", "factor of the temperature, fitted",
                              1e-6, 1e6)  # fmt: skip
STUDENT_ACCURACY = Argument("student_accuracy", "a_S", "accuracy after training on hard labels",
                            0, 1)  # fmt: skip
SOFT_ONLY_ACCURACY = Argument("soft_only_accuracy", "a_soft",
                              "accuracy after training on soft labels alone", 0, 1)  # fmt: skip
GAIN = Argument("gain", "g", "soft labels at the student's answers over accuracy, both above 1/K",
                -1e6, 1e6)  # fmt: skip
CHI = Argument("chi", "chi", "soft-only accuracy over student accuracy, both above 1/K",
               -1e6, 1e6)  # fmt: skip
LABEL_PROBABILITY = Argument("label_probability", "p", "mean probability that the teacher gives "
                             "the right class", 0, 1)  # fmt: skip
CORRELATION = Argument("correlation", "rho", "correlation of the initial weights of two networks",
                       0, 1)  # fmt: skip
AUXILIARY_CORRELATION = Argument("auxiliary_correlation", "rho_a", "correlation of the initial "
                                 "weights of two networks' auxiliary outputs", 0, 1)  # fmt: skip
CLASS_CORRELATION = Argument("class_correlation", "rho_c", "correlation of the initial weights of "
                             "two networks' class outputs", 0, 1)  # fmt: skip
HIDDEN_CORRELATION = Argument("hidden_correlation", "rho_h", "correlation of the initial weights "
                              "of two networks' hidden layers", 0, 1)  # fmt: skip
GATE_SHARE = Argument("gate_share", "g", "share of what is handed on that needs the same gates",
                      0, 1)  # fmt: skip
DECAY = Argument("decay", "alpha", "power by which eigenvalues fall, j^-alpha", 1, 1e3,
                 low_open=True)  # fmt: skip
RELATIVE_NORM = Argument("relative_norm", "r_0", "norm of the targets over sqrt(n eps)", 1, 1e12,
                         low_open=True)  # fmt: skip
CONDITION = Argument("condition", "kappa", "condition number of the Gram matrix", 1, 1e16)
SMALLER_EIGENVALUE = Argument("smaller_eigenvalue", "d_j", "eigenvalue over the smallest", 1, 1e16)
LARGER_EIGENVALUE = Argument("larger_eigenvalue", "d_k", "eigenvalue over the smallest", 1, 1e16)
RIDGE = Argument("ridge", "lambda", "ridge added to the kernel matrix", 0, 1e300, low_open=True)
FEATURES = Argument("features", "P", "random features of one model", 1, 1e15, integer=True)
COMMON_GUESSES = Argument("common_guesses", "c", "share of the guesses of two networks that are "
                          "one and the same", 0, 1)  # fmt: skip
RISK_OF_ONE = Argument("risk_of_one", "R_1", "squared risk of one network", 0, 1e300)
RISK_OF_TWO = Argument("risk_of_two", "R_2", "squared risk of the average of two networks",
                       0, 1e300)  # fmt: skip
MODELS = Argument("models", "N", "models whose outputs are averaged", 1, 1e6, integer=True)
TEACHER_LOSS = Argument("teacher_loss", "L_T", "cross-entropy of the teacher in nats", 1e-2, 1e2)
STUDENT_LOSS = Argument("student_loss", "L_S", "cross-entropy in nats that the student reaches on "
                        "the same data without a teacher", 1e-2, 1e2)  # fmt: skip
REDUCIBLE = Argument("reducible", "Q", "power law of the student's size and data",
                     1e-6, 1e3)  # fmt: skip
TEACHER_EXPONENT = Argument("teacher_exponent", "c_0", "fitted: what better teachers cost", 0, 10)
GAP_EXPONENT = Argument("gap_exponent", "c_1", "fitted: exponent beyond the break", 1e-3, 1e3)
GAP_PLACE = Argument("gap_place", "d_1", "fitted: ratio of the losses at the break", 1e-2, 1e2)
GAP_WIDTH = Argument("gap_width", "f_1", "fitted: how gradual the break is", 1e-2, 10)
