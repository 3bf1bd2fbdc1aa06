"""The batched programs train exactly the networks that ordinary modules would."""

import numpy as np
import pytest
import torch

from validation import mlp
from validation.data import MultiViewData
from validation.networks import initial_weights, logits, smoothed_relu_
from validation.packing import networks_at_once, packs
from validation.schedule import Schedule
from validation.training import train

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


def seeds(count: int) -> list[np.random.SeedSequence]:
    return [np.random.SeedSequence(7, spawn_key=(n,)) for n in range(count)]


def problem(networks: int, deviation: float):
    data = MultiViewData(classes=4, views=2, dimension=40)
    samples = data.sample(40, np.random.default_rng(0))
    weights = torch.from_numpy(initial_weights(seeds(networks), (4, 3, 40), deviation))
    return weights, torch.from_numpy(samples.patches), torch.from_numpy(samples.labels)


def test_batched_training_equals_autograd_on_single_modules():
    # Large weights and double precision, so that all three branches are in use from the start
    # and the comparison is not about rounding.
    weights, patches, labels = problem(3, deviation=0.5)
    weights, patches = weights.double(), patches.double()
    schedule = Schedule(steps=30, rate=0.5, switch=20, late_rate=1.5)
    trained = weights.clone()
    train(trained, patches, labels, POWER, schedule)
    outputs = logits(trained, patches, POWER)
    for n in range(3):
        network = PatchNetwork(weights[n])
        for step in range(schedule.steps):
            rate = (0.5 if step < 20 else 1.5) * 4
            network.zero_grad()
            torch.nn.functional.cross_entropy(network(patches), labels).backward()
            with torch.no_grad():
                network.weights -= rate * network.weights.grad
        expected = network.weights.detach()
        assert (expected - weights[n]).abs().max() > 0.1
        torch.testing.assert_close(trained[n], expected, rtol=1e-9, atol=1e-11)
        torch.testing.assert_close(outputs[n], network(patches).detach(), rtol=1e-9, atol=1e-11)


@pytest.fixture
def one_thread():
    """As in every worker: the order of sums is then fixed."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_patch_networks_do_not_depend_on_their_company():
    weights, patches, labels = problem(64, deviation=0.05)
    schedule = Schedule(steps=15, rate=3.0, switch=10, late_rate=7.0)
    alone = weights.clone()
    train(alone, patches, labels, POWER, schedule, packing=1)
    for packing in (2, 3, 7, 16, 33, 64, None):
        packed = weights.clone()
        train(packed, patches, labels, POWER, schedule, packing)
        assert torch.equal(packed, alone), packing
    backwards = weights.flip(0).contiguous()
    train(backwards, patches, labels, POWER, schedule, packing=5)
    assert torch.equal(backwards.flip(0), alone)


def perceptrons(count: int, widths=(16, 20, 12, 5)):
    rng = np.random.default_rng(4)
    inputs = torch.from_numpy(rng.standard_normal((60, widths[0])).astype(np.float32))
    targets = torch.softmax(
        torch.from_numpy(rng.standard_normal((60, widths[-1])).astype(np.float32)), 1
    )
    return mlp.Perceptrons.initial(seeds(count), widths), inputs, targets


def parameters(networks: mlp.Perceptrons) -> list[torch.Tensor]:
    return networks.weights + networks.biases


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("batch", [1, 7, 16])
def test_perceptrons_do_not_depend_on_their_company(batch):
    order = mlp.batches(seeds(64), 60, batch, 12)
    alone, inputs, targets = perceptrons(64)
    mlp.train(alone, inputs, targets, order, rate=0.2, packing=1)
    for packing in (2, 3, 7, 16, 33, 64, None):
        packed, _, _ = perceptrons(64)
        mlp.train(packed, inputs, targets, order, rate=0.2, packing=packing)
        assert all(map(torch.equal, parameters(packed), parameters(alone))), packing


def test_perceptrons_are_trained_as_autograd_trains_modules():
    """In double precision, on soft targets, through two hidden layers."""
    networks, inputs, targets = perceptrons(3)
    networks = mlp.Perceptrons(
        [w.double() for w in networks.weights], [b.double() for b in networks.biases]
    )
    before = [p.clone() for p in parameters(networks)]
    inputs, targets = inputs.double(), targets.double()
    order = mlp.batches(seeds(3), 60, 10, 25)
    mlp.train(networks, inputs, targets, order, rate=0.3)
    assert networks.logits(inputs).shape == (3, 60, 5)
    for n in range(3):
        layers = []
        for layer in range(3):
            linear = torch.nn.Linear(*before[layer][n].shape, dtype=torch.float64)
            linear.weight.data.copy_(before[layer][n].T)
            linear.bias.data.copy_(before[3 + layer][n, 0])
            layers += [linear, torch.nn.ReLU()]
        module = torch.nn.Sequential(*layers[:-1])
        optimiser = torch.optim.SGD(module.parameters(), lr=0.3)
        for chosen in torch.from_numpy(order[:, n]):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(module(inputs[chosen]), targets[chosen]).backward()
            optimiser.step()
        torch.testing.assert_close(networks.logits(inputs)[n], module(inputs).detach())
        assert (networks.weights[0][n] - before[0][n]).abs().max() > 0.01
        torch.testing.assert_close(networks.weights[0][n], layers[0].weight.detach().T)


def test_batches_are_permutations_by_each_networks_own_seed():
    order = mlp.batches(seeds(3), samples=20, batch=6, steps=7)
    assert order.shape == (7, 3, 6)
    for n in range(3):
        for epoch in (order[0:3, n], order[3:6, n]):
            assert len(np.unique(epoch)) == 18
        np.testing.assert_array_equal(mlp.batches(seeds(3)[n : n + 1], 20, 6, 7)[:, 0], order[:, n])
    assert not np.array_equal(order[:, 0], order[:, 1])
    with pytest.raises(ValueError, match=r"batch=21 is not in \[1, samples=20\]"):
        mlp.batches(seeds(1), 20, 21, 1)


@pytest.mark.filterwarnings("ignore")  # torch.compile warns about its own internals
def test_compiled_training_stays_within_1e_4_of_eager_after_500_steps():
    weights, patches, labels = problem(2, deviation=0.05)
    schedule = Schedule(steps=500, rate=3.0, switch=200, late_rate=7.0)
    eager, compiled = weights.clone(), weights.clone()
    train(eager, patches, labels, POWER, schedule)
    train(compiled, patches, labels, POWER, schedule, compiled=True)
    assert (eager - weights).abs().max() > 1
    torch.testing.assert_close(compiled, eager, rtol=1e-4, atol=1e-4)


def test_initial_weights_depend_on_the_seed_of_the_network_alone():
    many = initial_weights(seeds(4), (3, 2, 50), 0.02)
    alone = initial_weights(seeds(4)[2:3], (3, 2, 50), 0.02)
    np.testing.assert_array_equal(many[2], alone[0])
    assert not np.array_equal(many[0], many[1])
    # 1200 draws: the relative deviation of their deviation is 1/sqrt(2400) = .02.
    assert many.std() == pytest.approx(0.02, rel=5 * 0.02)


def test_packing_follows_memory(monkeypatch):
    cpu = torch.device("cpu")
    monkeypatch.setattr("validation.packing.available_bytes", lambda device: 2**20)
    assert networks_at_once(2**10, cpu) == 2**9  # half of what is free
    assert networks_at_once(2**19 + 1, cpu) == 1
    with pytest.raises(MemoryError, match="one network needs 2 MiB to train, 1 MiB are free"):
        networks_at_once(2**21, cpu)
    monkeypatch.setattr("validation.packing.available_bytes", lambda device: 2**40)
    assert networks_at_once(2**10, cpu) == 1536  # what the cache holds
    assert networks_at_once(2**10, torch.device("cuda")) == 2**29


def test_packs_are_equal_and_complete():
    assert packs(10, 4) == [slice(0, 3), slice(3, 6), slice(6, 10)]
    for networks in range(1, 70):
        for at_most in range(1, 70):
            sizes = [p.stop - p.start for p in packs(networks, at_most)]
            assert sum(sizes) == networks
            assert max(sizes) <= at_most
            assert max(sizes) - min(sizes) <= 1


def test_schedule_time():
    schedule = Schedule(steps=10, rate=2.0, switch=4, late_rate=3.0)
    assert schedule.time == pytest.approx(sum(schedule.at(step) for step in range(10)))
