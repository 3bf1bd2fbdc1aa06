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


def test_hypotheses_that_the_paper_names_are_named():
    # Allen-Zhu & Li (2023): m in [polylog(k), k] in Theorems 1 and 2, m = polylog(k) for students;
    # every eta <= 1/poly(k) and T = poly(k)/eta in all; Theorem 3 is about 90 % of the iterations
    # and has tau = 1/log^2 k, Theorem 4 takes Assumption 4.1.
    wide, narrow = "any m between polylog(k) and k", "m = polylog(k)"
    widths = {"single_model": wide, "ensemble": wide}
    for theorem in ALL:
        said = theorem.hypotheses
        assert [h for h in said if h in (wide, narrow)] == [widths.get(theorem.name, narrow)]
        assert "any learning rate eta of at most 1/poly(k)" in said
        assert "T = poly(k) / eta steps" in said
        of_views = [h for h in said if "Assumption 4.1" in h]
        assert len(of_views) == (theorem is theorems.self_distillation)
    assert "90 %" in theorems.ensemble_distillation.statement
    assert any("1/log^2 k" in h for h in theorems.ensemble_distillation.hypotheses)


def test_what_a_theorem_fixes_is_not_taken():
    # What the student won itself is not the theorem's: C(S) = C(T).
    assert theorems.ensemble_distillation.coverage(networks=3) == 0.875
    for name in ("views", "student_win"):
        with pytest.raises(ValueError, match=f"{name}=1 is not allowed .* drop it"):
            theorems.ensemble_distillation.coverage(networks=3, **{name: 1})
    assert theorems.self_distillation.error_bounds(0.5) == (0, 0.13)


@pytest.mark.parametrize("theorem", ALL, ids=lambda t: t.name)
def test_theorems_state_themselves(theorem):
    assert len(theorem.hypotheses) >= 4
    assert "Theorem" in str(theorem.source)
    assert theorem.name in repr(theorem)
    for bad in (-0.1, 1.1, float("nan"), "0.1"):
        with pytest.raises(ValueError, match="single_view_fraction="):
            theorem.error_bounds(single_view_fraction=bad)
