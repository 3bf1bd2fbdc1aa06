"""How strong a view is on its way: the growth law dLambda/dt = S Lambda^(q-1), solved."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mvtheory.arguments import DRIVE, ELAPSED, GATED_POWER, GROWTH, HANDICAP, LEVEL, POWER, STRENGTH
from mvtheory.formula import Formula
from mvtheory.references import Source
from mvtheory.shapes import Floats

if TYPE_CHECKING:
    import sympy

LAW = Source("allenzhu2023", "Appendix D")
DEPTH = (
    "A gated deep linear pathway of depth L obeys the same law with q = L "
    "(Saxe, Sodhani & Lewallen 2022)."
)


def _by_power(power: Any, ordinary: Any, at_two: Any) -> "sympy.Expr":
    """The limit at q = 2 beside the form for every other power."""
    import sympy

    return sympy.Piecewise((at_two, sympy.Eq(power, 2)), (ordinary, True))


def _time(strength: Any, level: Any, drive: Any, power: Any) -> "sympy.Expr":
    import sympy

    grown = strength ** (2 - power) - level ** (2 - power)
    exponential = sympy.log(level / strength) / drive
    return _by_power(power, grown / ((power - 2) * drive), exponential)


def _stable_time(strength: Floats, level: Floats, drive: Floats, power: Floats) -> Floats:
    exponent = power - 2
    # Not log(level / strength): their difference is exact where they are close.
    logs = np.where(
        strength > level / 2,
        -np.log1p((strength - level) / level),
        np.log(level) - np.log(strength),
    )
    slowed = np.where(exponent == 0, logs, -np.expm1(-exponent * logs) / exponent)
    time: Floats = strength**-exponent * slowed / drive
    return time


def _loser(strength: Any, handicap: Any, growth: Any, power: Any) -> "sympy.Expr":
    left = 1 - handicap * (1 - growth ** (2 - power))
    return _by_power(power, strength * left ** (1 / (2 - power)), strength * growth**handicap)


def stable_loser(strength: Floats, handicap: Floats, growth: Floats, power: Floats) -> Floats:
    exponent = power - 2
    logs = np.log(growth)
    slow = exponent * logs < 1
    near = np.where(
        exponent == 0,
        handicap * logs,
        -np.log1p(handicap * np.expm1(-np.where(slow, exponent * logs, 0))) / exponent,
    )
    # No cancellation here: both terms are positive, and 1 - handicap is rounded once.
    left = (1 - handicap) + handicap * growth**-exponent
    strength_then: Floats = strength * np.where(slow, np.exp(near), left ** (-1 / exponent))
    return strength_then


time_to_reach = Formula(
    name="time_to_reach",
    summary="Time in which a view grows from strength Lambda to a by the growth law.",
    symbol="t",
    quantity="time, in units of gradient flow",
    arguments=(STRENGTH, LEVEL, DRIVE, GATED_POWER),
    expression=_time,
    stable=_stable_time,
    source=LAW,
    status="heuristic of the paper",
    notes=(
        "[Lambda^-(q-2) - a^-(q-2)] / ((q-2) S), continuous at q = 2, where it is log(a/Lambda)/S. "
        "As a grows it tends to `escape_time` for q > 2 and to infinity at q = 2. " + DEPTH
    ),
)

strength_before_escape = Formula(
    name="strength_before_escape",
    summary="Strength of a view at a share t of its escape time.",
    symbol="Lambda(t)",
    quantity="strength, in units of the ReLU's threshold",
    arguments=(STRENGTH, ELAPSED, POWER.within(low=2.5)),
    expression=lambda strength, elapsed, power: strength * (1 - elapsed) ** (1 / (2 - power)),
    well_conditioned=True,
    source=LAW,
    status="heuristic of the paper",
    notes=(
        "[Lambda(0)^-(q-2) - (q-2) S t]^(-1/(q-2)) with the time in units of `escape_time`. Most "
        "of the growth comes at the end: at power 4 half of the time multiplies a strength by "
        "1.41. At powers under 2.5 the share of the escape time says little: use "
        "`time_to_reach`, whose inverse is the strength. " + DEPTH
    ),
)

loser_strength = Formula(
    name="loser_strength",
    summary="Strength of a losing view when the winner has grown by a factor g.",
    symbol="Lambda_2",
    quantity="strength, in the unit of the initial one",
    arguments=(STRENGTH, HANDICAP, GROWTH, GATED_POWER),
    expression=_loser,
    stable=stable_loser,
    source=LAW,
    status="heuristic of the paper",
    notes=(
        "rho = S_2 Lambda_2(0)^(q-2) / (S_1 Lambda_1(0)^(q-2)), at most 1 because the winner "
        "escapes first; Lambda_2 = Lambda_2(0) [1 - rho (1 - g^-(q-2))]^(-1/(q-2)). For q > 2 it "
        "stays near its initial strength as g grows, so that one view wins. At q = 2 it is "
        "Lambda_2(0) g^(S_2/S_1): the ratio is kept and every view is learned. " + DEPTH
    ),
)
