r"""Bounds on self-distillation in Hilbert space: how long it lasts, how fast it shrinks.

Round t fits targets z_{t-1} with the smallest norm that leaves the mean squared residual eps, so
that r_t = ||z_t|| / sqrt(n eps) falls from r_0 until it reaches 1 and the fit collapses to 0; kappa
is the condition number of the Gram matrix D. Three facts give every bound below.

1. c_t/(d + c_t) lies between its values at d_max and d_min, so
   d_min/(r_{t-1} - 1) <= c_t <= d_max/(r_{t-1} - 1). Hence r_t >= g(r_{t-1}) with
   g(r) = r(r - 1)/(r - 1 + kappa), which is convex and increasing: its tangent at r_0 is the
   source's a r - b, and r - g(r) <= kappa its number of rounds.
2. z_t = z_{t-1} less the residual, whose norm is sqrt(n eps) by construction. The triangle
   inequality gives r_t >= r_{t-1} - 1 whatever the spectrum is, which is stronger than 1:
   r - g(r) >= 1 for every kappa >= 1.
3. z_t is D/c_t times the residual, and the cosine between a vector v and D v is at least
   q = 2 sqrt(kappa)/(1 + kappa) (Kantorovich). So r_{t-1}^2 >= r_t^2 + 2 q r_t + 1 and
   r_t <= r_{t-1} - q.

1 is the source's; 2 and 3 are our extension. Together r_0 - 1 <= t <= (r_0 - 1)/q.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from mvtheory.arguments import (
    CONDITION,
    LARGER_EIGENVALUE,
    RELATIVE_NORM,
    ROUNDS,
    SMALLER_EIGENVALUE,
)
from mvtheory.formula import NOTHING, Case, Formula
from mvtheory.references import Source

MOBAHI = Source("mobahi2020", "Section 3")
KANTOROVICH = Source("kantorovich1948")
_rounds = partial(Formula, symbol="t", quantity="rounds")
_norm = partial(Formula, symbol="r_t", quantity="norm of the fitted values over sqrt(n eps)")
# From a norm of at most 1 both lower bounds fall by 1 or more: a value above 0 comes after one
# above 1, so that its round took place.
NO_NORM = Case(NOTHING, "at or below 0", lambda value, **_: value <= 0)


def _tangent(relative_norm: Any, condition: Any, rounds: Any) -> Any:
    """The source's line iterated: a^t r_0 - b (a^t - 1)/(a - 1), with b/(1 - a) = r_0^2/(kappa - 1)

    and 1 - a = kappa (kappa - 1)/(r_0 - 1 + kappa)^2 put in.
    """
    r, k = relative_norm, condition
    slope = 1 - k * (k - 1) / (r - 1 + k) ** 2
    return r - r * (r - 1 + k) / (k - 1) * (1 - slope**rounds)


def _log_ratio(
    relative_norm: Any, smaller_eigenvalue: Any, larger_eigenvalue: Any, rounds: Any
) -> Any:
    """Without cancellation for eigenvalues close to each other."""
    r, j, k = relative_norm, smaller_eigenvalue, larger_eigenvalue
    gap = np.abs(k - j) / (j * k)
    below = r - 1 + 1 / np.maximum(j, k)
    return rounds * np.sign(k - j) * np.log1p(gap / below)


def _expression(
    relative_norm: Any, smaller_eigenvalue: Any, larger_eigenvalue: Any, rounds: Any
) -> Any:
    import sympy

    above = relative_norm - 1 + 1 / smaller_eigenvalue
    return rounds * sympy.log(above / (relative_norm - 1 + 1 / larger_eigenvalue))


def _root(x: Any) -> Any:
    """The square root of a symbol or of a number of any precision: x^0 is its own 1."""
    return x ** (x**0 / 2)


def _most(relative_norm: Any, condition: Any) -> Any:
    return (relative_norm - 1) * (1 + condition) / (2 * _root(condition))


def _fall(relative_norm: Any, condition: Any, rounds: Any) -> Any:
    return relative_norm - 2 * _root(condition) / (1 + condition) * rounds


rounds_before_collapse = _rounds(
    name="rounds_before_collapse",
    summary="Rounds of self-distillation that are possible at least, by the condition number.",
    arguments=(RELATIVE_NORM, CONDITION),
    expression=lambda relative_norm, condition: (relative_norm - 1) / condition,
    well_conditioned=True,
    source=MOBAHI,
    status="proved",
    monotone=("relative_norm", "condition"),
    notes=(
        "Right, and weak by the factor kappa: `rounds_at_least` needs no condition number. "
        "Round up for a number of whole rounds."
    ),
)

rounds_at_least = _rounds(
    name="rounds_at_least",
    summary="Rounds of self-distillation that are possible at least, for any spectrum.",
    arguments=(RELATIVE_NORM,),
    expression=lambda relative_norm: relative_norm - 1,
    well_conditioned=True,
    source=MOBAHI,
    status="our extension",
    monotone=("relative_norm",),
    notes=(
        "Proved: a round takes away a residual of norm sqrt(n eps), so by the triangle inequality "
        "r falls by at most 1. Reached at kappa = 1. kappa times `rounds_before_collapse`."
    ),
)

rounds_at_most = _rounds(
    name="rounds_at_most",
    summary="Rounds after which self-distillation has collapsed, rounded up.",
    arguments=(RELATIVE_NORM, CONDITION),
    expression=_most,
    stable=lambda relative_norm, condition: (
        (relative_norm - 1) * ((1 + condition) / (2 * np.sqrt(condition)))
    ),
    source=KANTOROVICH,
    status="our extension",
    monotone=("relative_norm", "condition"),
    notes=(
        "Proved: the fit is D/c times the residual, and their cosine is at least q = "
        "2 sqrt(kappa)/(1 + kappa), so r falls by q or more in every round. The source bounds the "
        "number of rounds from below only. Reached at kappa = 1."
    ),
)

norm_bound = _norm(
    name="norm_bound",
    summary="Norm of the fitted values after t rounds, at least, by the condition number.",
    # At kappa = 1 the source's (a^t - 1)/(a - 1) is 0/0; its limit is r_0 - t.
    arguments=(RELATIVE_NORM, replace(CONDITION, low_open=True), ROUNDS),
    expression=_tangent,
    arithmetic=True,
    source=MOBAHI,
    status="proved",
    cases=(NO_NORM,),
    monotone=("rounds",),
    notes=(
        "a^t r_0 - b (a^t - 1)/(a - 1) with a = ((r_0-1)^2 + kappa (2 r_0 - 1))/(r_0-1+kappa)^2 "
        "and b = r_0^2 kappa/(r_0-1+kappa)^2, for as long as every r before round t is above 1: a "
        "value above 0 says that they were. Right, and weaker than `norm_at_least` where that is "
        "above 1."
    ),
)

norm_at_least = _norm(
    name="norm_at_least",
    summary="Norm of the fitted values after t rounds, at least, for any spectrum.",
    arguments=(RELATIVE_NORM, ROUNDS),
    expression=lambda relative_norm, rounds: relative_norm - rounds,
    well_conditioned=True,
    source=MOBAHI,
    status="our extension",
    cases=(NO_NORM,),
    monotone=("relative_norm", "rounds"),
    notes=(
        "Proved by the triangle inequality; see `rounds_at_least`. Holds through the first round "
        "whose targets have r <= 1; reached at kappa = 1."
    ),
)

norm_at_most = _norm(
    name="norm_at_most",
    summary="Norm of the fitted values after t rounds, at most.",
    arguments=(RELATIVE_NORM, CONDITION, ROUNDS),
    expression=_fall,
    arithmetic=True,
    source=KANTOROVICH,
    status="our extension",
    cases=(
        Case(
            NOTHING,
            "at or below 1 - q, where the rounds have ended",
            lambda value, condition, **_: value <= (1 - np.sqrt(condition)) ** 2 / (1 + condition),
        ),
    ),
    monotone=("relative_norm", "condition", "rounds"),
    notes="Proved; see `rounds_at_most`. Holds for as long as every r before round t is above 1.",
)

sparsity_growth = Formula(
    name="sparsity_growth",
    summary="Logarithm of the filter's ratio between two eigenvalues after t rounds, at least.",
    symbol="log(B_k/B_j)",
    quantity="logarithm of a ratio of shares kept",
    arguments=(RELATIVE_NORM, SMALLER_EIGENVALUE, LARGER_EIGENVALUE, ROUNDS),
    expression=_expression,
    stable=_log_ratio,
    source=MOBAHI,
    status="proved",
    monotone=("relative_norm", "smaller_eigenvalue", "larger_eigenvalue", "rounds"),
    notes=(
        "The filter B = prod_t d/(d + c_t) is what a basis function keeps. In round t the ratio at "
        "d_k > d_j grows by (1 + c_t/d_j)/(1 + c_t/d_k) > 1, which increases with c_t >= "
        "d_min/(r_0 - 1). So ratios grow in every round, and more from round to round as c_t does: "
        "the basis gets sparser. For d_k < d_j the value is negative and bounds the fall."
    ),
)
