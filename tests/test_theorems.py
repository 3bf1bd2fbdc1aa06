"""Theorems 1 to 4 of Allen-Zhu & Li (2023): the constants of the paper, at two views."""

import numpy as np
import pytest

from mvtheory import theorems
from mvtheory.coverage import networks_for_coverage

ALL = [getattr(theorems, name) for name in theorems.__all__ if name != "Theorem"]


@pytest.mark.parametrize(
    ("theorem", "low", "high", "open_arguments", "coverage"),
    [
        (theorems.single_model, 0.49, 0.51, {}, 0.5),
        (theorems.ensemble, 0, 0.001, {"networks": 10}, 1 - 2**-10),
        (theorems.ensemble_distillation, 0, 0.001, {"networks": 10}, 1 - 2**-10),
        (theorems.self_distillation, 0, 0.26, {}, 0.75),
    ],
)
def test_bounds_and_coverage(theorem, low, high, open_arguments, coverage):
    assert theorem.error_bounds(single_view_fraction=0.2) == pytest.approx((low * 0.2, high * 0.2))
    implied = theorem.coverage(**open_arguments)
    assert implied == coverage
    # The lottery model's error, mu (1 - C), lies within the theorem's bounds.
    assert low <= 1 - implied <= high
    lows, highs = theorem.error_bounds(single_view_fraction=[0.0, 0.5])
    np.testing.assert_allclose([lows, highs], [[0, low / 2], [0, high / 2]])


def test_the_ensemble_bound_is_first_met_by_ten_networks():
    assert networks_for_coverage(views=2, coverage=1 - theorems.ensemble.bounds[1]) == 10
    assert 1 - theorems.ensemble.coverage(networks=9) > theorems.ensemble.bounds[1]


@pytest.mark.parametrize("theorem", ALL, ids=lambda t: t.name)
def test_theorems_state_themselves(theorem):
    assert len(theorem.hypotheses) >= 4
    assert "Theorem" in str(theorem.source)
    assert theorem.name in repr(theorem)
    for bad in (-0.1, 1.1, float("nan"), "0.1"):
        with pytest.raises(ValueError, match="single_view_fraction="):
            theorem.error_bounds(single_view_fraction=bad)
