"""Views that are not learned: the integrals against draws by the law, and the reduced descent."""

import numpy as np
import pytest

from mvtheory.race import (
    Setting,
    descend,
    expected_coverage,
    late_growth,
    single_winner_probability,
    unlearned_growth,
    unlearned_strength,
)

STARTS = [(2, 6, 4, 0.015, 100.0), (3, 5, 4, 0.02, 55.0), (2, 4, 3, 0.001, 20.0)]


def drawn(views, neurons, power, deviation, late, draws=100_000):
    """Classes drawn: one winner or not; growth of the others' strongest neurons; their totals."""
    x = np.random.default_rng(0).standard_normal((draws, views, neurons))
    strongest = x.max(axis=2)
    winner, first = strongest.argmax(axis=1), strongest.max(axis=1)
    exponent = power - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = first * (1 + exponent * late * (deviation * first) ** exponent) ** (-1 / exponent)
    positive = first > 0
    learned = strongest >= np.where(positive, reach, np.inf)[:, None]
    learned[np.arange(draws), winner] = positive
    unlearned = ~learned & positive[:, None]

    def end(response, of):
        gone = (response / of) ** exponent
        late_part = (deviation * response) ** exponent * (1 - exponent * late)
        return response * (1 - gone + late_part) ** (-1 / exponent)

    of = np.broadcast_to(first[:, None], strongest.shape)[unlearned]
    own, every = strongest[unlearned], np.maximum(x[unlearned], 0)
    alive = own > 0
    growth = np.log(end(own[alive], of[alive]) / own[alive])
    return learned.sum(axis=1) == 1, growth, end(every, of[:, None]).sum(axis=1) / neurons


@pytest.mark.parametrize("start", STARTS, ids=str)
def test_integrals_are_means_of_draws(start):
    laws = single_winner_probability, unlearned_growth, unlearned_strength
    for law, values in zip(laws, drawn(*start), strict=True):
        error = values.std() / np.sqrt(values.size)
        assert law(*start) == pytest.approx(values.mean(), abs=4 * error), law.__name__


def test_of_two_views_one_is_alone_as_coverage_says():
    for start in ((2, 6, 4, 0.015, 100.0), (2, 3, 3, 0.01, 5.0)):
        dead = 2.0 ** -(2 * start[1])
        alone = 2 * (1 - expected_coverage(*start))
        assert single_winner_probability(*start) == pytest.approx(alone - dead, abs=1e-9)
    assert single_winner_probability(1, 4, 4, 0.02, 10) == pytest.approx(1 - 2**-4, abs=1e-12)


def test_growth_has_a_limit_where_the_initialisation_vanishes():
    small = [unlearned_growth(2, 6, 4, sigma, 0) for sigma in (1e-3, 1e-5, 1e-7)]
    assert small[1] == pytest.approx(small[2], abs=1e-7)
    assert small[0] == pytest.approx(small[2], abs=1e-4)
    # More to come lets a view grow more, and fewer stay unlearned.
    assert unlearned_growth(2, 6, 4, 0.02, 30) > unlearned_growth(2, 6, 4, 0.02, 0)
    assert single_winner_probability(2, 6, 4, 0.02, 30) < single_winner_probability(
        2, 6, 4, 0.02, 0
    )


def test_the_descent_ends_where_the_law_says():
    setting = Setting(
        views=2, classes=10, neurons=6, power=4, deviation=0.02, samples=40, stages=((1200, 0.5),),
        strength=(1.7, 1.8), background_noise=0.0,
    )  # fmt: skip
    found = descend(setting, draws=2000, watched=(0,))
    start, end = found.strengths
    learned = end > 1
    start_of, late = (2, 6, 4, 0.02), late_growth(setting)
    alone = (learned.sum(axis=1) == 1).mean()
    # The late growth is a closed form with coefficients at their means: see test_race_growth.
    assert alone == pytest.approx(single_winner_probability(*start_of, late), abs=0.03)
    losing = ~learned & learned.any(axis=1, keepdims=True) & (start > 0)
    growth = np.log(end[losing] / start[losing]).mean()
    assert growth == pytest.approx(unlearned_growth(*start_of, late), abs=0.05)


def test_what_is_out_of_range_is_refused():
    for law in (unlearned_growth, unlearned_strength):
        with pytest.raises(ValueError, match=r"views=1.* 2 <= views"):
            law(1, 5, 4, 0.02, 10)
    with pytest.raises(ValueError, match="power=2"):
        single_winner_probability(2, 5, 2, 0.02, 10)
