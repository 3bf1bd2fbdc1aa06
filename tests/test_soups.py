"""Averages of weights: the closed form, and every way in which networks can share out views."""

import itertools

import numpy as np
import pytest

from mvtheory.coverage import averaged_weights, ensemble, soup_output, sure_coverage

POWER = 4


def answer(x: np.ndarray | float) -> np.ndarray:
    return np.where(np.asarray(x) < 1, np.maximum(x, 0.0) ** POWER / POWER, x - 1 + 1 / POWER)


def outputs(views: int, networks: int, neurons: int, x: float, averaged: str) -> list[np.ndarray]:
    """Of each view, for all equally likely choices of a (neuron, view) by each network."""
    every = []
    for choice in itertools.product(range(views * neurons), repeat=networks):
        weights = np.zeros((networks, neurons, views))
        for network, cell in enumerate(choice):
            neuron, view = divmod(cell, views)
            weights[network, 0 if averaged == "aligned weights" else neuron, view] = x
        if averaged == "outputs":
            every.append(answer(weights).sum(axis=1).mean(axis=0))
        else:
            every.append(answer(weights.mean(axis=0)).sum(axis=0))
    return every


@pytest.mark.parametrize("averaged", ["outputs", "weights", "aligned weights"])
@pytest.mark.parametrize(("views", "networks", "neurons"), [(2, 2, 3), (3, 3, 2), (2, 4, 2)])
@pytest.mark.parametrize(("x", "level"), [(2.2, 0.3), (5.0, 1.1)])
def test_every_choice_of_neurons_and_views_is_counted(averaged, views, networks, neurons, x, level):
    every = np.array(outputs(views, networks, neurons, x, averaged))
    sure = sure_coverage(views, networks, neurons, x, POWER, level, averaged)
    assert sure == pytest.approx((every >= level).mean(), rel=1e-12)
    of_ensembles = np.array(outputs(views, networks, neurons, x, "outputs")).mean()
    ratio = soup_output(views, networks, neurons, x, POWER, averaged)
    assert ratio == pytest.approx(every.mean() / of_ensembles, rel=1e-12)
    assert (every > 0).mean() == pytest.approx(ensemble(views=views, networks=networks))


def test_the_closed_form_is_that_of_neurons_without_number():
    for x in (0.5, 2.0, 3.5, 30.0):
        closed = averaged_weights(networks=3, response=x, power=POWER)
        assert closed == pytest.approx(float(3 * answer(x / 3) / answer(x)), rel=1e-13)
        # Two networks share one of m neurons with probability 1/m.
        wide = soup_output(2, 3, 10**6, x, POWER)
        assert wide == pytest.approx(closed, rel=3 * 3**POWER / 10**6)
    assert averaged_weights(networks=2, response=0.9, power=POWER) == 2.0 ** (1 - POWER)
    assert averaged_weights(networks=2, response=1e6, power=POWER) == pytest.approx(1, abs=1e-6)


def test_what_is_averaged_is_named():
    with pytest.raises(ValueError, match=r"averaged='logits' is not known .*choose one of these"):
        sure_coverage(2, 2, 2, 3.0, POWER, 1.0, "logits")
