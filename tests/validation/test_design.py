"""The power analysis against simulated studies."""

import numpy as np
import pytest

from validation.trial.claim import Expectation
from validation.trial.design import GROWTH, LEAST, LOOKS, MOST, claim_power, design, power
from validation.trial.evidence import p_inside
from validation.trial.simulation import draw

STUDIES = 2000


@pytest.mark.parametrize(
    ("one", "replicates"),
    [
        (Expectation("p", "s", 1, 0.5, 0.46, 0.55, spread=0.03), 10),
        (Expectation("p", "s", 1, 0.5, 0.46, None, spread=0.03), 7),
        (Expectation("p", "s", 1, 0.99, 0.93, None, spread=0.03, trials=10), 12),
        (Expectation("p", "s", 1, 0.01, None, 0.08, spread=0.03, trials=10), 9),
        (Expectation("p", "s", 1, 0.3, 0.25, 0.36, spread=0.03, trials=200), 9),
    ],
)
def test_power_is_the_share_of_studies_that_pass(one, replicates):
    rng = np.random.default_rng(2)
    alpha = 0.02
    passed = sum(
        p_inside(draw(one, one.expected, replicates, rng), one) <= alpha for _ in range(STUDIES)
    )
    expected = power(one, replicates, alpha)
    assert 0.2 < expected < 0.999
    # 4 deviations; and 1 % for a mean that is only nearly normal, or Bonferroni's two sides.
    tolerance = 4 * np.sqrt(expected * (1 - expected) / STUDIES) + 0.01
    assert passed / STUDIES == pytest.approx(expected, abs=tolerance)


def test_power_outside_the_range_is_nothing():
    assert power(Expectation("p", "s", 1, 0.5, 0.5, 0.6, spread=0.1), 1000, 0.05) == 0


def test_the_first_look_has_the_power_wanted_and_no_more_replicates():
    easy = Expectation("p", "easy", 1, 0.5, 0.4, 0.6, spread=0.02)
    hard = Expectation("p", "hard", 1, 0.5, 0.48, 0.52, spread=0.02)
    chosen = design({"a": [easy], "b": [easy, hard]}, target=0.9)
    first = chosen.looks["b"][0]
    assert chosen.looks["a"][0] == LEAST < first
    assert chosen.hardest["b"] is hard
    strictest = 0.025 / 2
    assert claim_power([easy, hard], first, strictest) >= 0.9
    assert claim_power([easy, hard], first - 1, strictest) < 0.9
    for own in chosen.looks.values():
        assert len(own) == LOOKS
        assert own[1] == pytest.approx(own[0] * GROWTH, abs=1)


def test_a_margin_too_small_to_decide_is_not_planned_for_ever():
    hopeless = Expectation("p", "s", 1, 0.5, 0.4999, 0.5001, spread=0.2)
    assert design({"a": [hopeless]}, target=0.9).looks["a"][0] == MOST
