"""Students of outputs that name no class: how they are trained, and the claim about them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.validation.refusing import check_wrong_formulas_are_refused
from validation.claims.subliminal import SUBLIMINAL
from validation.experiments import measure
from validation.experiments.streams import Streams
from validation.experiments.subliminal import setting as subliminal
from validation.experiments.subliminal.training import Network
from validation.testing import train

(SMALL,) = subliminal.settings("smoke")


def test_the_claim_keeps_its_contract_and_refuses_wrong_formulas_on_what_is_trained():
    studies = [train(setting, 4) for setting in SUBLIMINAL.settings("quick")]
    assert len(check_wrong_formulas_are_refused(SUBLIMINAL, studies)) == len(studies)


@pytest.mark.parametrize("activation", [subliminal.RELU, subliminal.LINEAR])
def test_networks_descend_the_gradient_of_what_outputs_miss(activation):
    """Against torch's own gradients, of the loss as it is said; up to rounding."""
    setting = replace(SMALL, activation=activation)
    rng = Streams(3, (1,)).rng()
    start = Network.drawn(setting, rng)
    inputs = rng.standard_normal((7, setting.dimension))
    wanted = rng.standard_normal((7, setting.classes))
    which, steps, rate = slice(0, setting.classes), 3, 1e-3
    trained = start.trained(inputs, wanted, which, steps, rate)

    x, y = torch.tensor(inputs), torch.tensor(wanted)
    weights = [torch.tensor(start.hidden), torch.tensor(start.heads)]

    def outputs(hidden, heads):
        before = x @ hidden.T
        after = before if activation == subliminal.LINEAR else 2**0.5 * before.relu()
        return after @ heads[which].T / setting.neurons**0.5

    begun = outputs(*weights)
    for _ in range(steps):
        own = [w.clone().requires_grad_() for w in weights]
        loss = ((y - (outputs(*own) - begun)) ** 2).sum() / 2
        loss.backward()
        weights = [w - rate * one.grad for w, one in zip(weights, own, strict=True)]
    assert trained.hidden == pytest.approx(weights[0].numpy(), rel=1e-12, abs=1e-13)
    assert trained.heads == pytest.approx(weights[1].numpy(), rel=1e-12, abs=1e-13)
    assert (trained.heads[setting.classes :] == start.heads[setting.classes :]).all()
    assert (start.heads != trained.heads)[: setting.classes].any()


def test_a_student_does_not_depend_on_the_others():
    """Bit for bit: networks are drawn by what they are, and trained one after the other."""
    every = measure(SMALL, 5, 1)["students"]
    fewer = measure(replace(SMALL, correlations=(0.5, 1.0)), 5, 1)["students"]
    assert all(row in every for row in fewer)
    assert measure(SMALL, 5, 1)["students"] == every
    gains = [row["gain"] for row in every]
    assert len(set(gains)) == len(gains)


def test_starts_have_the_cosines_that_are_said():
    """Up to three deviations, 1/sqrt of the weights each."""
    draws = [Network.drawn(SMALL, rng) for rng in np.random.default_rng(1).spawn(2)]
    for shared in subliminal.SHARED:
        heads, hidden = subliminal.cosines(shared, 0.6)
        student = draws[0].mixed(draws[1], heads, hidden)
        for wanted, one, other in (
            (heads, student.heads, draws[0].heads),
            (hidden, student.hidden, draws[0].hidden),
        ):
            cosine = np.sum(one * other) / np.linalg.norm(one) / np.linalg.norm(other)
            assert cosine == pytest.approx(wanted, abs=3 / one.size**0.5)


def test_more_than_the_cosine_of_a_class_tells_shares_apart():
    """At finite size gates agree on samples of a class too; nothing changes for linear ones."""
    short, _, linear = subliminal.settings("quick")
    assert short.share_here(subliminal.HEADS, 1.0) < short.share(subliminal.HEADS, 1.0)
    assert short.share_here(subliminal.ALL, 1.0) == pytest.approx(1.0, rel=1e-14)
    for shared, rho in linear.starts:
        assert linear.share_here(shared, rho) == linear.share(shared, rho)
