"""The spread of risks and of best mixings against draws of the noise."""

import numpy as np
import pytest

from mvtheory.self_distillation import (
    mixed_filter,
    mixed_risk,
    mixed_risk_variance,
    optimal_mixing,
    optimal_mixing_variance,
)

S, M = np.array([9.0, 3.0, 0.4, 0.0]), np.array([2.0, -1.0, 0.3, 0.2])


@pytest.mark.parametrize("mixings", [[], [0.7], [1.4, -0.3]])
def test_the_variance_of_a_risk_is_that_over_draws(mixings):
    """A squared Gaussian's variance is known to sqrt(15 / draws) of itself: five of these."""
    penalty, sigma, draws = 0.6, 0.8, 200_000
    labels = M + sigma * np.random.default_rng(0).standard_normal((draws, 4))
    risks = ((mixed_filter(S, penalty, mixings) * labels - M) ** 2).mean(axis=1)
    variance = mixed_risk_variance(S, M, penalty, sigma, mixings)
    assert risks.var() == pytest.approx(variance, rel=5 * (15 / draws) ** 0.5)
    stated = mixed_risk(S, M, penalty, sigma, mixings)
    assert risks.mean() == pytest.approx(stated, abs=5 * (variance / draws) ** 0.5)


def test_the_best_mixing_of_a_draw_varies_as_stated():
    """Of many components, where the first order is enough: 5 % of the deviation for the second,
    and four deviations of what 2000 draws show of it."""
    rng = np.random.default_rng(1)
    s, m = rng.uniform(0, 8, 4000), rng.standard_normal(4000)
    penalty, sigma = 2.0, 0.9
    h = s / (s + penalty)
    labels = m + sigma * rng.standard_normal((2000, 4000))
    error, moved = h * labels - m, -(1 - h) * h * labels
    # The risk of mixing xi is the mean of (error + xi * moved)^2.
    best = -(error * moved).sum(axis=1) / (moved**2).sum(axis=1)
    stated = optimal_mixing(s, m, penalty, sigma).mixings[0]
    deviation = optimal_mixing_variance(s, m, penalty, sigma) ** 0.5
    assert best.std() == pytest.approx(deviation, rel=0.05 + 4 / (2 * 2000) ** 0.5)
    assert best.mean() == pytest.approx(stated, abs=5 * deviation / 2000**0.5 + deviation**2)
