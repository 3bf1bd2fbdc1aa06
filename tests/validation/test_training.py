"""The batched program trains exactly the networks that ordinary modules would."""

import numpy as np
import pytest
import torch

from validation.data import MultiViewData
from validation.networks import initial_weights, logits, smoothed_relu_
from validation.training import Schedule, train

POWER = 4


def reference_relu(z: torch.Tensor, power: int) -> torch.Tensor:
    """The definition of Allen-Zhu & Li (2023) case by case, threshold 1."""
    middle = z.clamp(0, 1) ** power / power
    return torch.where(z <= 0, torch.zeros_like(z), torch.where(z <= 1, middle, z - 1 + 1 / power))


@pytest.mark.parametrize("power", [2, 3, 4, 5])
def test_smoothed_relu_and_its_slope(power):
    z = torch.linspace(-2, 3, 501, dtype=torch.float64, requires_grad=True)
    reference = reference_relu(z, power)
    reference.sum().backward()
    value = z.detach().clone()
    slope = smoothed_relu_(value, power)
    torch.testing.assert_close(value, reference.detach(), rtol=1e-14, atol=1e-15)
    torch.testing.assert_close(slope, z.grad, rtol=1e-14, atol=1e-15)


class PatchNetwork(torch.nn.Module):
    """One network the ordinary way."""

    def __init__(self, weights: torch.Tensor):
        super().__init__()
        self.weights = torch.nn.Parameter(weights.clone())

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        responses = torch.einsum("spd,crd->spcr", patches, self.weights)
        return reference_relu(responses, POWER).sum(dim=(1, 3))


@pytest.fixture
def problem():
    data = MultiViewData(classes=4, views=2, dimension=40)
    samples = [data.sample(40, np.random.default_rng(seed)) for seed in range(2)]
    seeds = [[np.random.SeedSequence(7, spawn_key=(s, n)) for n in range(3)] for s in range(2)]
    # Large weights and double precision, so that all three branches are in use from the start
    # and the comparison is not about rounding.
    weights = torch.from_numpy(initial_weights(seeds, 4, 3, 40, deviation=0.5)).double()
    patches = torch.from_numpy(np.stack([s.patches for s in samples])).double()
    labels = torch.from_numpy(np.stack([s.labels for s in samples]))
    return weights, patches, labels


def test_batched_training_equals_autograd_on_single_modules(problem):
    weights, patches, labels = problem
    schedule = Schedule(steps=30, rate=0.5, switch=20, late_rate=1.5)
    trained = weights.clone()
    steps = []
    train(trained, patches, labels, POWER, schedule, steps.append)
    assert sum(steps) == 2 * 3 * 30
    outputs = logits(trained, patches, POWER, networks_at_once=2)
    for s in range(2):
        for n in range(3):
            network = PatchNetwork(weights[s, n])
            for step in range(schedule.steps):
                rate = (0.5 if step < 20 else 1.5) * 4
                network.zero_grad()
                torch.nn.functional.cross_entropy(network(patches[s]), labels[s]).backward()
                with torch.no_grad():
                    network.weights -= rate * network.weights.grad
            expected = network.weights.detach()
            assert (expected - weights[s, n]).abs().max() > 0.1
            torch.testing.assert_close(trained[s, n], expected, rtol=1e-9, atol=1e-11)
            torch.testing.assert_close(
                outputs[s, n], network(patches[s]).detach(), rtol=1e-9, atol=1e-11
            )


def test_initial_weights_depend_on_the_seed_of_the_network_alone():
    def seed(*key):
        return np.random.SeedSequence(1, spawn_key=key)

    many = initial_weights([[seed(0, 0), seed(0, 1)], [seed(1, 0), seed(1, 1)]], 3, 2, 50, 0.02)
    alone = initial_weights([[seed(1, 0)]], 3, 2, 50, 0.02)
    np.testing.assert_array_equal(many[1, 0], alone[0, 0])
    assert not np.array_equal(many[0, 0], many[0, 1])
    # 1200 draws: the relative deviation of their deviation is 1/sqrt(2400) = .02.
    assert many.std() == pytest.approx(0.02, rel=5 * 0.02)


def test_schedule_time():
    schedule = Schedule(steps=10, rate=2.0, switch=4, late_rate=3.0)
    assert schedule.time == pytest.approx(sum(schedule.at(step) for step in range(10)))
