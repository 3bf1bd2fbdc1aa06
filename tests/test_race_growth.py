"""The growth law: closed forms against each other, an integrator, and the reduced descent."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from mvtheory.race import (
    Setting,
    descend,
    escape_time,
    expected_coverage,
    grow,
    late_growth,
    loser_strength,
    regime,
    strength_before_escape,
    time_to_reach,
)
from mvtheory.race.drives import Drives, Noise, shown
from mvtheory.race.late import memory_time, needed_growth
from mvtheory.race.recognition import smoothed_relu

SMALL = Setting(
    views=2, classes=5, neurons=5, power=4, deviation=0.02, samples=40, stages=((60, 3.0),)
)


@pytest.mark.parametrize("power", [2, 2.5, 3, 4, 6])
def test_closed_forms_agree_with_an_integrator(power):
    initial, drives = np.array([0.3, 0.25, 0.0]), np.array([1.7, 2.0, 1.0])
    last = 0.9 * (1.5 if power == 2 else escape_time(strength=0.3, drive=1.7, power=power))
    times = np.array([0.3, 0.7, 1.0]) * last
    closed = grow(initial, drives, power, times)
    path = solve_ivp(
        lambda t, x: drives * x ** (power - 1), (0, last), initial, "DOP853", t_eval=times,
        rtol=1e-12, atol=1e-14,
    )  # fmt: skip
    np.testing.assert_allclose(closed, path.y, rtol=1e-8)
    # A drive given as a function is integrated, and agrees with the constant one.
    np.testing.assert_allclose(grow(initial, lambda t, x: drives, power, times), closed, rtol=1e-10)


@pytest.mark.parametrize("power", [2, 2.000001, 3, 4])
def test_times_strengths_and_losers_tell_one_story(power):
    winner, loser, level = 0.02, 0.018, 1.0
    time = time_to_reach(strength=winner, level=level, drive=6.2, power=power)
    grown = grow([winner, loser], [6.2, 5.0], power, [time])[:, 0]
    assert grown[0] == pytest.approx(level, rel=1e-8)
    handicap = 5.0 / 6.2 * (loser / winner) ** (power - 2)
    expected = loser_strength(strength=loser, handicap=handicap, growth=level / winner, power=power)
    assert grown[1] == pytest.approx(expected, rel=1e-8)
    if power >= 2.5:
        elapsed = time / escape_time(strength=winner, drive=6.2, power=power)
        reached = strength_before_escape(strength=winner, elapsed=elapsed, power=power)
        assert reached == pytest.approx(level, rel=1e-8)


def test_power_two_is_the_limit():
    arguments = {"strength": 0.01, "handicap": 0.6, "growth": 40.0}
    for step in (1e-6, 1e-9, 1e-12):
        near = loser_strength(**arguments, power=2 + step)
        # Second order in q - 2: the derivative is below log(g)^2.
        assert near == pytest.approx(0.01 * 40**0.6, rel=20 * step + 1e-14)
    ratio = loser_strength(**arguments | {"handicap": 1.0}, power=2)
    assert ratio == pytest.approx(0.4, rel=1e-14)


@given(
    power=st.floats(2, 16), handicap=st.floats(0, 1), growth=st.floats(1, 1e6),
    more=st.floats(1, 10),
)  # fmt: skip
def test_a_loser_lies_between_standing_still_and_winning(power, handicap, growth, more):
    arguments = {"strength": 0.01, "handicap": handicap, "power": power}
    now = loser_strength(**arguments, growth=growth)
    assert 0.01 * (1 - 1e-13) <= now <= 0.01 * growth * (1 + 1e-13)
    assert now <= loser_strength(**arguments, growth=min(1e6, growth * more)) * (1 + 1e-13)


def test_a_drive_that_dies():
    """Logistic growth has a closed form: S = 1 - Lambda at q = 2."""
    times = np.array([1.0, 5.0, 20.0])
    grown = grow([0.01], lambda t, x: 1 - np.minimum(x, 1), 2, times)[0]
    np.testing.assert_allclose(grown, 1 / (1 + 99 * np.exp(-times)), rtol=1e-9)


def test_a_view_cannot_be_followed_past_its_escape():
    assert np.isinf(grow([0.1], 1.0, 4, [51.0])[0, 0])
    with pytest.raises(ValueError, match="diverges"):
        grow([0.1], lambda t, x: 1.0, 4, [51.0])


def test_ratios_are_kept_at_power_two():
    """Of two views, alive with probability 1 - 2^-m each, the loser is learned in the end."""
    dead = 2.0**-5
    both = (1 - dead) ** 2
    assert expected_coverage(2, 5, 2, 0.01, 50) == pytest.approx(0.5 * (1 + both), abs=1e-10)
    assert expected_coverage(2, 5, 2, 0.01, 0) == pytest.approx(0.5, abs=1e-12)
    # It does not matter how small the initialisation is, and it does at any greater power.
    assert expected_coverage(3, 5, 2, 1e-9, 2) == expected_coverage(3, 5, 2, 1.0, 2)
    assert expected_coverage(3, 5, 2.5, 1e-9, 2) < expected_coverage(3, 5, 2.5, 1.0, 2) - 0.1
    near = expected_coverage(3, 5, 2 + 1e-9, 0.1, 2)
    assert near == pytest.approx(expected_coverage(3, 5, 2, 0.1, 2), abs=1e-6)


def test_the_descent_follows_the_growth_law_while_strengths_are_small():
    """Small steps, one coefficient: Lambda^-(q-2) falls by (q-2) S t, up to the step's own size."""
    setting = replace(SMALL, strength=(1.5, 1.5), stages=((1000, 0.1),), deviation=0.02)
    followed = descend(setting, draws=50, watched=(0,))
    start, now = followed.strengths
    expected = grow(start, setting.drive(), 4, [setting.time])[..., 0]
    # Classes in which the winner is on its way: later its success takes the losers' gradient.
    small = (expected < 0.1).all(axis=1)
    assert small.sum() > 10
    # Euler's method, and a loss gradient that has fallen by F at most: F < 10 (z 0.1)^4 / 4.
    np.testing.assert_allclose(now[small], expected[small], rtol=0.01)


def test_momentum_makes_steps_last_longer():
    """Heavy ball: every push is spent over 1/(1 - m) steps, the last ones not yet in the end."""
    setting = replace(SMALL, strength=(1.5, 1.5), deviation=0.02)
    setting = replace(setting, stages=((200, 0.01, 0.9), (50, 0.08, 0.8)))
    assert setting.time == pytest.approx(200 * 0.1 + 50 * 0.4)
    start, now = descend(setting, draws=50, watched=(0,)).strengths
    unspent = 0.4 * 0.8 / (1 - 0.8)
    early, late = (
        grow(start, setting.drive(), 4, [setting.time - lag])[..., 0] for lag in (2 * unspent, 0)
    )
    small = (late < 0.1).all(axis=1)
    assert small.sum() > 10
    # As without momentum, 1 % for the size of the steps and the loss gradient that has fallen.
    assert (now[small] >= 0.99 * early[small]).all()
    assert (now[small] <= 1.01 * late[small]).all()
    assert (late[small].max(axis=1) > 1.1 * start[small].max(axis=1)).any()


def test_the_slope_is_the_derivative_of_the_value():
    x = np.linspace(-1, 3, 4001)
    for power in (2, 3, 4, 2.5, 8):
        value, slope = smoothed_relu(x, power)
        # Second differences of a function whose second derivative jumps by at most q.
        np.testing.assert_allclose(np.diff(value) / np.diff(x), (slope[1:] + slope[:-1]) / 2,
                                   atol=power * 1e-3)  # fmt: skip


@pytest.mark.parametrize("power", [2, 2.5, 4, 7])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"single_view_samples": 2, "backgrounds": 2},
        {"presence": 0.6, "scales": (1.0, 0.7, 1.2), "single_view_samples": 1},
        {"presence": 0.0, "single_view_samples": 3},
        {"cosine": 0.1, "background_noise": 0.0},
    ],
)
def test_drives_are_the_gradients_of_the_loss_of_every_sample(power, changes):
    """Summed over neurons at once, or sample by sample: below, between and above thresholds."""
    setting = replace(SMALL, views=3, power=power, samples=20, **changes)
    draws, rng = 7, np.random.default_rng(0)
    z, weights = shown(setting)
    noise = Noise(setting, len(z), draws, rng)
    noise.now *= 40  # up to and beyond the threshold
    x = rng.normal(0, 0.8, (setting.neurons, setting.views, draws))
    # Samples with what they show of each view, how much of the data they are, and their noise.
    multi = (1 - setting.single_view_fraction) * weights
    alone = np.repeat(np.eye(setting.views), setting.single_view_samples, axis=0)
    coefficients = np.concatenate([z, alone])
    shares = np.concatenate([multi, np.full(len(alone), 1 / setting.samples)])
    of_x, of_noise = np.zeros_like(x), np.zeros_like(noise.now)
    for sample, (shows, share) in enumerate(zip(coefficients, shares, strict=True)):
        value, slope = smoothed_relu(shows[:, None] * x, power)
        for draw in range(draws):
            own = noise.sample == sample * draws + draw
            remembered, steep = smoothed_relu(noise.now[own], power)
            output = value[..., draw].sum() + remembered.sum()
            others = (setting.classes - 1) * math.exp(-output)
            error = others / (1 + others)
            of_x[..., draw] += share * error * shows * slope[..., draw]
            of_noise[own] = steep * error * setting.background_noise**2 / setting.samples
    of_x += setting.cosine * (of_x.sum(axis=1, keepdims=True) - of_x)
    found = Drives(setting, noise)(x)
    # Sums of some tens of numbers below 2^7.
    for one, other in zip(found, (of_x, of_noise), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_coverage_falls_with_power_and_rises_with_what_breaks_the_lottery():
    long = replace(SMALL, stages=((250, 3.0),))
    coverage = [descend(replace(long, power=q), 400).coverage for q in (2, 3, 4)]
    assert coverage[0] > 0.93 > coverage[1] > coverage[2] + 0.1
    wide = descend(replace(long, deviation=0.2), 400).coverage
    taught = descend(replace(long, power=3, single_view_samples=8), 400).coverage
    assert wide > coverage[2] + 0.1
    assert taught > coverage[1] + 0.05
    # Nothing is learned without training: chance, up to 4.5 standard errors of 800 answers.
    idle = descend(replace(SMALL, stages=((1, 1e-9),)), 400)
    assert abs(idle.coverage) < 4.5 * 0.5 / 800**0.5


def test_draws_are_repeatable_and_their_error_is_known():
    first, again, other = (descend(SMALL, 300, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.strengths, again.strengths)
    gap = abs(first.coverage - other.coverage)
    assert 0 < gap < 5 * math.hypot(first.standard_error, other.standard_error)


def test_missing_views_drive_less():
    assert replace(SMALL, presence=0.5).drive() == pytest.approx(SMALL.drive() / 2)
    half = descend(replace(SMALL, presence=0.5, stages=((250, 3.0),)), 300).coverage
    assert half > descend(replace(SMALL, stages=((250, 3.0),)), 300).coverage + 0.1
    absent = descend(replace(SMALL, presence=0.0), 300)
    np.testing.assert_allclose(absent.strengths[0].mean(), 0.02 * 1.163, rtol=0.1)


def test_regime_names_what_is_missed():
    good = replace(SMALL, deviation=0.01, stages=((400, 3.0),))
    assert regime(good, 200).one_view
    assert regime(good, 200).asymptotic == 0.5

    def missed(**changes):
        return {c.name for c in regime(replace(good, **changes), 50).missed}

    assert "views compete" in missed(power=2)
    assert "races are decided" in missed(deviation=0.3)
    assert missed(stages=((20, 3.0),)) == {"trained long enough"}
    assert "features before noise" in missed(background_noise=8.0)
    assert "no view is seen alone" in missed(single_view_samples=18, deviation=0.03)
    assert "no view is seen alone" in missed(presence=0.5, deviation=0.05)
    assert "not met" in str(regime(replace(good, power=2), 50))


INSIDE = replace(SMALL, deviation=0.01, stages=((400, 3.0),))


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        # Gains of the winner reach the other views.
        (replace(INSIDE, cosine=0.5), {"views are orthogonal", "races are decided"}),
        (replace(INSIDE, cosine=0.02), {"views are orthogonal", "what is left out stays unknown"}),
        # Nothing hides the losing view, which has grown a little.
        (
            replace(INSIDE, power=3, background_noise=0.0, deviation=0.003, stages=((250, 3.0),)),
            {"what is left out stays unknown"},
        ),
        (replace(INSIDE, stages=((150, 3.0),)), {"trained long enough"}),
        (replace(INSIDE, deviation=0.06), {"races are decided"}),
        (replace(INSIDE, background_noise=8.0), {"features before noise"}),
        (
            replace(INSIDE, noise_dimensions=1, samples=400, background_noise=6.0,
                    stages=((60, 3.0), (600, 30.0))),
            {"what is learned is recognised"},
        ),
    ],
)  # fmt: skip
def test_a_regime_that_is_left_says_why(setting, names):
    found = regime(setting, 400)
    assert abs(found.coverage - 1 / setting.views) > found.margin
    assert not found.one_view
    assert names <= {condition.name for condition in found.missed}


@given(
    views=st.integers(1, 4), classes=st.integers(2, 12), neurons=st.integers(1, 10),
    power=st.sampled_from([2, 2.5, 3, 4, 5]), deviation=st.floats(-2.3, -0.5),
    cosine=st.sampled_from([0, 0, 0, 1e-4, 1e-3, 0.05]), noise=st.sampled_from([0, 0.5, 2.1, 6]),
    presence=st.sampled_from([1, 1, 0.9]), alone=st.integers(0, 2),
    reached=st.floats(0.5, 4), dimensions=st.sampled_from([10, 10**6]),
)  # fmt: skip
def test_where_all_hypotheses_are_met_one_view_is_learned(
    views, classes, neurons, power, deviation, cosine, noise, presence, alone, reached, dimensions
):
    setting = Setting(
        views=views, classes=classes, neurons=neurons, power=power, deviation=10**deviation,
        samples=20, single_view_samples=alone, presence=presence, background_noise=noise,
        noise_dimensions=dimensions, cosine=cosine, stages=((1, 1.0),),
    )  # fmt: skip
    time = reached * needed_growth(setting) / setting.drive()
    setting = replace(setting, stages=((200, time / 200),))
    found = regime(setting, 150)
    # The corrections make the difference, whether they are met or not.
    if not found.one_view:
        assert found.missed
        return
    assert abs(found.coverage - 1 / views) <= found.margin + 1e-12
    # So do other classes, and samples of answers: up to 4.5 standard errors of both.
    again = descend(setting, 400, seed=1)
    error = math.hypot(again.standard_error, found.standard_error)
    assert abs(again.coverage - 1 / views) <= found.margin + 4.5 * error


def test_some_regimes_are_inside():
    """The property above would hold of a test that refuses everything."""
    for changes in (
        {}, {"classes": 10, "neurons": 6}, {"cosine": 1e-4}, {"noise_dimensions": 10},
        {"power": 6, "stages": ((2000, 300.0), (2000, 30.0)), "deviation": 0.02},
    ):  # fmt: skip
        found = regime(replace(INSIDE, **changes), 400)
        assert found.one_view, str(found)


def test_chances_are_the_means_of_sampled_answers():
    for setting in (SMALL, replace(SMALL, classes=2, stages=((300, 3.0),)),
                    replace(SMALL, background_noise=0.0)):  # fmt: skip
        found = descend(setting, 2000)
        difference = found.right - found.recognised
        error = difference.std() / math.sqrt(difference.size)
        # Classes are dependent through the others: a tenth more.
        assert abs(difference.mean()) < 5 * 1.1 * error
        assert found.recognised.min() >= 0
        assert found.recognised.max() <= 1


def test_memory_is_counted_by_samples():
    noisy = replace(INSIDE, background_noise=20.0)
    assert 30 * memory_time(noisy) < noisy.time
    # All but noise to which every one of five neurons is dead; four points for each class.
    dead = 2.0**-5
    error = math.sqrt(dead * (1 - dead) / 400)
    assert abs(descend(noisy, 100).memorised.mean() - (1 - dead)) < 5 * error
    assert descend(replace(INSIDE, background_noise=0.0), 100).memorised.max() == 0
    assert descend(replace(INSIDE, backgrounds=0), 100).memorised.max() == 0


def test_means_of_powers_do_not_cancel():
    for width in (0, 1e-13, 1e-9, 1e-3):
        near = replace(SMALL, strength=(1.75, 1.75 + width))
        expected = (1.75 + width / 2) ** 4
        assert near.mean_power(4) == pytest.approx(expected, rel=1e-14 + width**2)
    wide = replace(SMALL, strength=(1e-3, 20.0))
    assert wide.mean_power(4) == pytest.approx((20.0**5 - 1e-15) / (5 * (20 - 1e-3)), rel=1e-14)


def test_strengths_that_leave_the_doubles_on_the_way():
    # exponent * drive * strength^(q-2) as a product is infinite, or infinity times 0.
    assert grow([1e-300], 1e308, 16, [1.0])[0, 0] == 1e-300
    assert grow([1e-20], 1e280, 16, [0.9 / 14])[0, 0] == pytest.approx(
        1e-20 * 0.1 ** (-1 / 14), rel=1e-12
    )
    assert np.isinf(grow([1e20], 1e300, 16, [1e-3])[0, 0])
    np.testing.assert_array_equal(grow([0.0, 1.0], 1e308, 2, [10.0])[:, 0], [0, np.inf])


def test_late_growth_has_both_parts():
    none = late_growth(SMALL)
    one = late_growth(replace(SMALL, single_view_samples=1))
    drive = 1 / 40 * SMALL.time  # shorter than what memory takes
    assert one == pytest.approx(none * (1 - 2 / 40) + drive, rel=1e-12)
    assert late_growth(replace(SMALL, stages=((10**6, 3.0),), single_view_samples=1)) < 200


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grow([0.1, -1], 1, 3, [1]), "initial="),
        (lambda: grow(0.1, 1, 3, [1]), "initial="),
        (lambda: grow([0.1], -1, 3, [1]), "drive="),
        (lambda: grow([0.1], lambda t, x: -x, 3, [1]), "drive at time"),
        (lambda: grow([0.1], 1, 1.5, [1]), "power=1.5"),
        (lambda: grow([0.1], 1, 3, [2, 1]), "times="),
        (lambda: descend(SMALL, draws=1), "draws=1"),
        (lambda: replace(SMALL, views=0), "views=0"),
        (lambda: replace(SMALL, deviation=0), "deviation=0"),
        (lambda: replace(SMALL, presence=1.5), "presence=1.5"),
        (lambda: replace(SMALL, strength=(2, 1)), "strength="),
        (lambda: replace(SMALL, stages=()), "stages="),
        (lambda: replace(SMALL, stages=((0, 1.0),)), "stages="),
        (lambda: replace(SMALL, stages=((5, 1.0, 1.0),)), "stages="),
        (lambda: replace(SMALL, stages=((5, 1.0, 0.5, 2.0),)), "stages="),
        (lambda: replace(SMALL, background_noise=-1), "background_noise=-1"),
        (lambda: replace(SMALL, samples=0), "samples=0"),
        (lambda: replace(SMALL, single_view_samples=21), "single_view_samples=21"),
        (lambda: replace(SMALL, presence=0.5, views=7), "views=7"),
        (lambda: descend(SMALL, draws="many"), "draws='many'"),
        (lambda: descend(SMALL, 5, seed=-1), "seed=-1"),
        (lambda: descend(SMALL, 5, watched=(60,)), r"watched=\(60,\)"),
        (lambda: replace(SMALL, views=[2, 3]), r"views=\[2, 3\].*one number"),
        (lambda: replace(SMALL, samples=math.inf), "samples=inf"),
        (lambda: replace(SMALL, strength=1.5), "strength="),
        (lambda: replace(SMALL, strength=("a", 2)), "strength"),
        (lambda: replace(SMALL, stages=5), "stages=5"),
        (lambda: replace(SMALL, stages=(("a", 1.0),)), "stages="),
        (lambda: replace(SMALL, stages=((math.inf, 1.0),)), "stages="),
        (lambda: replace(SMALL, scales=(1.0, math.nan)), "scales="),
        (lambda: replace(SMALL, scales=(1.0,)), "scales="),
        (lambda: replace(SMALL, cosine=1), "cosine=1"),
        (lambda: grow([0.1, 0.2], [1, 2, 3], 3, [1]), "drive of shape"),
        (lambda: grow([0.1], lambda t, x: [1, 2], 3, [1]), "drive of shape"),
        (lambda: grow([0.1j], 1, 3, [1]), "initial of type complex"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
