"""Races of pathways: closed forms against the integrator, and Lotka-Volterra at two layers."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from mvtheory.race import (
    escape_time,
    grow_pathways,
    pathway_shares,
    predict_winner,
    rare_drives,
)

STARTS = np.array([[0.1, 0.09, 0.05], [0.03, 0.08, 0.0], [0.0, 0.0, 0.0]])
STRENGTHS = np.array([1.0, 0.7, 1.3])


@pytest.mark.parametrize("depth", [2, 2.5, 3, 5])
def test_the_end_of_redundant_pathways_is_that_of_the_integrated_race(depth):
    shares = pathway_shares(STARTS, STRENGTHS, depth)
    long = 30.0 if depth == 2 else 40 * escape_time(strength=0.08, drive=0.7, power=depth)
    ends = grow_pathways(STARTS, STRENGTHS, np.outer(STRENGTHS, STRENGTHS), depth, [long])
    np.testing.assert_allclose(shares, ends[..., 0] * STRENGTHS, atol=1e-5)
    np.testing.assert_allclose(shares.sum(axis=1), [1, 1, 0], rtol=1e-12)


def test_two_layers_compete_as_species_do():
    correlations, overlaps = np.array([0.6, 0.5]), np.array([[0.6, 0.3], [0.3, 0.7]])
    times = np.array([0.0, 3.0, 8.0, 40.0])
    path = solve_ivp(
        lambda t, u: 2 * u * (correlations - overlaps @ u), (0, 40), [0.01, 0.02], "DOP853",
        t_eval=times, rtol=1e-10, atol=1e-12,
    )  # fmt: skip
    grown = grow_pathways(np.sqrt([0.01, 0.02]), correlations, overlaps, 2, times)
    np.testing.assert_allclose(grown, path.y, atol=1e-6)
    # Both rare drives are positive: they live side by side, where neither has a drive left.
    assert (rare_drives(correlations, overlaps)[[0, 1], [1, 0]] > 0).all()
    np.testing.assert_allclose(grown[:, -1], np.linalg.solve(overlaps, correlations), atol=1e-4)


def test_a_pathway_without_a_rare_drive_stays_out():
    correlations, overlaps = np.array([1.0, 0.4]), np.array([[1.0, 0.5], [0.5, 1.0]])
    assert rare_drives(correlations, overlaps)[1, 0] == pytest.approx(-0.1)
    ends = grow_pathways([0.1, 0.1], correlations, overlaps, 2, [100])[:, 0]
    np.testing.assert_allclose(ends, [1, 0], atol=1e-6)


def test_depth_stands_in_the_place_of_the_power():
    shares = pathway_shares(STARTS[:2], STRENGTHS, 4)
    weights = STARTS[:2, None, :]
    winners = predict_winner(weights, np.eye(3), np.broadcast_to(STRENGTHS, (2, 3)), 4)
    assert winners.tolist() == shares.argmax(axis=1).tolist()
