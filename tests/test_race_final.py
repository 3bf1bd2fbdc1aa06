"""How strong a winner becomes, and what it lends to views that are not orthogonal to it."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from mvtheory.race import Setting, critical_cosine, final_strength, late_growth, time_to_reach

SETTING = Setting(
    views=2, classes=5, neurons=6, power=4, deviation=0.015, samples=50,
    stages=((200, 3.0), (500, 7.0)), single_view_samples=1,
)  # fmt: skip


@given(st.integers(2, 30), st.floats(2, 16), st.floats(0, 1e4), st.floats(0.1, 3))
def test_the_output_of_a_winner_follows_its_equation(classes, power, time, coefficient):
    """dF/dt = s (K-1) e^-F, solved to 1e-9, of F = z (a - (1 - 1/q)); s is not z^2 in general."""
    square = 1.3 * coefficient**2
    output = solve_ivp(
        lambda _, f: square * (classes - 1) * math.e**-f, (0, time), [0.0],
        rtol=1e-10, atol=1e-10, method="LSODA",
    ).y[0, -1]  # fmt: skip
    found = final_strength(classes, power, time, coefficient, square)
    assert coefficient * (found - (1 - 1 / power)) == pytest.approx(output, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("power", [3, 4, 6])
def test_what_the_winner_lends_at_the_critical_cosine_just_suffices(power):
    setting = replace(SETTING, power=power)
    mean, square = setting.mean_power(1), setting.mean_power(2)
    winner = final_strength(setting.classes, power, setting.time, mean, square)
    lent = critical_cosine(setting) * winner
    assert 0 < lent < 1
    # The drive is counted in the growth: without the threshold a response escapes in that time.
    escape = lent ** -(power - 2) / (power - 2)
    assert escape == pytest.approx(late_growth(setting), rel=1e-12)
    # With it, it is reached a little earlier.
    reached = time_to_reach(strength=lent, level=1, drive=1, power=power)
    assert reached == pytest.approx(late_growth(setting) - 1 / (power - 2), rel=1e-9)


def test_without_growth_nothing_is_lent():
    short = replace(SETTING, stages=((1, 1e-3),), single_view_samples=0)
    assert late_growth(short) == 0
    assert critical_cosine(short) == math.inf
    with pytest.raises(ValueError, match=r"power=2.*choose a value in this range"):
        critical_cosine(replace(SETTING, power=2))
