"""Wide perceptrons on digits: kernels and descent against automatic differentiation."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from validation.claims.wide_kernel import WIDE_KERNEL
from validation.experiments import measure
from validation.experiments.wide import training
from validation.experiments.wide.setting import settings
from validation.trial.claim import Measured

pytestmark = pytest.mark.usefixtures("one_thread")
SETTING = settings("smoke")[0]


@pytest.fixture
def network():
    return training.begin(7, 64, np.random.default_rng(2), "cpu")


@pytest.fixture
def inputs():
    drawn = np.random.default_rng(3).random((5, 64), np.float32)
    return torch.nn.functional.normalize(torch.from_numpy(drawn), dim=1)


def answers(inner, outer, inputs):
    return (inputs @ inner.T).tanh() @ outer / len(inner) ** 0.5


def test_kernels_are_products_of_gradients(network, inputs):
    parts = [part.double().requires_grad_() for part in network]
    outputs = answers(*parts, inputs.double())
    rows = []
    for output in outputs.flatten():
        slopes = torch.autograd.grad(output, parts, retain_graph=True)
        rows.append(torch.cat([slope.flatten() for slope in slopes]))
    gradients = torch.stack(rows).view(5, training.CLASSES, -1)
    wanted = torch.einsum("skw,tkw->st", gradients, gradients) / training.CLASSES
    torch.testing.assert_close(training.kernel(network, inputs), wanted)


def test_descent_takes_the_slopes_of_the_squared_distance(network, inputs):
    labels = torch.arange(5)
    moved = [part.clone().requires_grad_() for part in network]
    first = answers(*network, inputs)
    targets = torch.nn.functional.one_hot(labels, 10) - 0.1
    # One step from the start, where outputs are 0 by definition, and one more.
    for _ in range(2):
        outputs = answers(*moved, inputs) - first
        loss = ((outputs - targets) ** 2).sum() / (2 * len(inputs))
        slopes = torch.autograd.grad(loss, moved)
        moved = [
            (part - 0.5 * slope).detach().requires_grad_()
            for part, slope in zip(moved, slopes, strict=True)
        ]
    found = training.descend(replace(SETTING, steps=2, rate=0.5), network, inputs, labels)
    torch.testing.assert_close(network.inner, moved[0].detach())
    torch.testing.assert_close(network.outer, moved[1].detach())
    torch.testing.assert_close(found, (answers(*moved, inputs) - first).detach())


def test_what_is_measured_of_a_replicate():
    tables = measure(SETTING, 100, 0)
    assert [row["width"] for row in tables["kernels"]] == [16, 64]
    assert len(tables["networks"]) == SETTING.networks == 4
    for row in tables["kernels"]:
        assert 0 < row["change"] < 1
        assert 0 < row["before"] < 0.5
        assert 0 < row["after"] < 0.5


def test_powers_are_those_between_the_ends():
    setting = replace(SETTING, widths=(10, 20, 40))
    rows = [
        {"replicate": 0, "width": m, "change": 3 / m, "before": 2 / m**0.5, "after": 0.1}
        for m in setting.widths
    ]
    samples = WIDE_KERNEL.observe(Measured(setting, 1, {"kernels": pd.DataFrame(rows)}))
    assert [float(s.values[0]) for s in samples] == pytest.approx([1.0, 0.5, 0.0])


@pytest.mark.parametrize("widths", [(8,), (16, 8), (8, 8)])
def test_widths_must_ascend(widths):
    with pytest.raises(ValueError, match=r"widths=.*in order"):
        replace(SETTING, widths=widths)
