"""The batched programs train exactly the networks that ordinary modules would."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from numba import njit

from validation.data import MultiViewData
from validation.training import mlp
from validation.training.blocks import blocks
from validation.training.gates import gates
from validation.training.mlp_kernel import BLOCK, exp
from validation.training.mlp_packed import train_packed
from validation.training.mlp_training import Teaching
from validation.training.mlp_training import train as train_perceptrons
from validation.training.networks import initial_weights, logits, smoothed_relu_
from validation.training.optimizer import Optimizer
from validation.training.packing import networks_at_once, packs
from validation.training.patches import train
from validation.training.schedule import Schedule

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


@pytest.mark.parametrize("number", [torch.float32, torch.float64])
@pytest.mark.parametrize("power", [2, 3, 4, 5])
def test_compiled_gates_equal_those_of_torch(power, number):
    rng = np.random.default_rng(power)
    # 2 networks, 3 classes of 4 neurons, 5 patches of 37 samples: no whole number of vectors.
    drawn = torch.from_numpy(rng.standard_normal((2, 12, 5 * 37))).to(number)
    residuals = torch.from_numpy(rng.standard_normal((2, 3, 37))).to(number)
    residuals[:, :, 0] = 0
    answer, slopes = gates(drawn.clone(), 3, 37, power)
    by_class = drawn.view(2, 3, 20, 37)
    tolerance = 100 * torch.finfo(number).eps
    logits = reference_relu(by_class, power).sum(2)
    torch.testing.assert_close(answer(), logits, rtol=tolerance, atol=tolerance)
    expected = by_class.clamp(0, 1) ** (power - 1) * residuals[:, :, None]
    torch.testing.assert_close(
        slopes(residuals).view(by_class.shape), expected, rtol=tolerance, atol=0
    )


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


def test_subnormal_numbers_are_flushed_while_networks_train_and_no_longer():
    tiny = torch.tensor(1e-40)
    seen = []

    def watch(part, step, weights):
        seen.append(float(tiny * 1))

    weights, patches, labels = problem(2, deviation=0.05)
    flushes = torch.set_flush_denormal(True)  # whether this processor can
    for before in (False, True):
        torch.set_flush_denormal(before)
        train(weights, patches, labels, POWER, Schedule(1, 1.0, 1, 1.0), watch=watch)
        assert (float(tiny * 1) == 0) == (before and flushes)
    torch.set_flush_denormal(False)
    assert len(seen) == 4
    assert all((value == 0) == flushes for value in seen)


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


def doubled(networks: mlp.Perceptrons) -> mlp.Perceptrons:
    return mlp.Perceptrons(
        [w.double() for w in networks.weights], [b.double() for b in networks.biases]
    )


def teaching(count: int, soft_weight: list[float]) -> Teaching:
    """Of a confident teacher; temperatures and weights in turn, so that neighbours differ."""
    logits = 3 * np.random.default_rng(5).standard_normal((60, 5))
    return Teaching(
        logits=torch.from_numpy(logits.astype(np.float32)),
        temperature=torch.tensor([1.0, 4.0, 0.5]).repeat(count)[:count],
        soft_weight=torch.tensor(soft_weight).repeat(count)[:count],
    )


OPTIMIZERS = [
    Optimizer(rate=0.2),
    Optimizer(rate=0.2, final=0.1, weight_decay=0.02),
    Optimizer(method="momentum", rate=0.05, final=0.3, weight_decay=0.02),
    Optimizer(method="momentum", rate=0.05, momentum=0.7),
    Optimizer(method="adam", rate=0.01),
    Optimizer(method="adam", rate=0.01, final=0.1, weight_decay=0.02, averaging=(0.8, 0.99)),
]


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("batch", [1, 7, 16])
@pytest.mark.parametrize("optimizer", OPTIMIZERS[:1] + OPTIMIZERS[2::3])
@pytest.mark.parametrize("soft_weight", [None, [0.7, 0.0, 1.0, 0.25]])
def test_perceptrons_do_not_depend_on_their_company(batch, optimizer, soft_weight):
    """On a CPU those of any part are the same; in one tensor program, whatever it packs."""
    order = mlp.batches(seeds(64), 60, batch, 12)
    taught = soft_weight and teaching(64, soft_weight)
    together, inputs, targets = perceptrons(64)
    train_perceptrons(together, inputs, targets, order, optimizer, taught)
    for part in (slice(0, 1), slice(5, 12), slice(13, 64)):
        some = perceptrons(64)[0].part(part)
        own = taught and taught.part(part)
        train_perceptrons(some, inputs, targets, order[:, part], optimizer, own)
        expected = parameters(together.part(part))
        assert all(map(torch.equal, parameters(some), expected)), part
    if soft_weight:
        hard, _, _ = perceptrons(64)
        train_perceptrons(hard, inputs, targets, order, optimizer)
        for one, other in zip(parameters(hard), parameters(together), strict=True):
            assert torch.equal(one[1::4], other[1::4])
            assert not torch.equal(one[0::4], other[0::4])
    indices = torch.from_numpy(order)
    alone, _, _ = perceptrons(64)
    train_packed(alone, inputs, targets, indices, optimizer, taught, packing=1)
    for packing in (2, 3, 7, 16, 33, 64, None):
        packed, _, _ = perceptrons(64)
        train_packed(packed, inputs, targets, indices, optimizer, taught, packing)
        assert all(map(torch.equal, parameters(packed), parameters(alone))), packing


def loss_of_distillation(logits, targets, teacher, temperature, soft_weight):
    """The definition: (1 - w) CE + w T KL from the teacher to the student."""
    taught = torch.log_softmax(teacher / temperature, 1)
    told = torch.log_softmax(logits / temperature, 1)
    divergence = torch.nn.functional.kl_div(told, taught, reduction="batchmean", log_target=True)
    labels = torch.nn.functional.cross_entropy(logits, targets)
    return (1 - soft_weight) * labels + soft_weight * temperature * divergence


def torch_optimizer(optimizer: Optimizer, parameters):
    if optimizer.method == "adam":
        return torch.optim.Adam(
            parameters,
            lr=optimizer.rate,
            betas=optimizer.averaging,
            weight_decay=optimizer.weight_decay,
        )
    momentum = optimizer.momentum if optimizer.method == "momentum" else 0
    return torch.optim.SGD(
        parameters, lr=optimizer.rate, momentum=momentum, weight_decay=optimizer.weight_decay
    )


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("soft_weight", [[0.0], [0.7, 0.0, 1.0]])
@pytest.mark.parametrize("packed", [False, True])
def test_perceptrons_are_trained_as_autograd_trains_modules(optimizer, soft_weight, packed):
    """In double precision, on soft targets, through two hidden layers."""
    networks, inputs, targets = perceptrons(3)
    networks = doubled(networks)
    before = [p.clone() for p in parameters(networks)]
    inputs, targets = inputs.double(), targets.double()
    targets /= targets.sum(1, keepdim=True)  # torch's slope takes a sum that is not 1 at its word
    steps, taught = 25, teaching(3, soft_weight)
    order = mlp.batches(seeds(3), 60, 10, steps)
    if packed:
        train_packed(networks, inputs, targets, torch.from_numpy(order), optimizer, taught)
    else:
        train_perceptrons(networks, inputs, targets, order, optimizer, taught)
    assert networks.logits(inputs).shape == (3, 60, 5)
    for n in range(3):
        layers = []
        for layer in range(3):
            linear = torch.nn.Linear(*before[layer][n].shape, dtype=torch.float64)
            linear.weight.data.copy_(before[layer][n].T)
            linear.bias.data.copy_(before[3 + layer][n, 0])
            layers += [linear, torch.nn.ReLU()]
        module = torch.nn.Sequential(*layers[:-1])
        reference = torch_optimizer(optimizer, module.parameters())
        for step, chosen in enumerate(torch.from_numpy(order[:, n])):
            done = (step + 1) / steps
            reference.param_groups[0]["lr"] = optimizer.rate * (1 - done + optimizer.final * done)
            reference.zero_grad()
            loss_of_distillation(
                module(inputs[chosen]),
                targets[chosen],
                taught.logits[chosen].double(),
                taught.temperature[n].double(),
                taught.soft_weight[n].double(),
            ).backward()
            reference.step()
        torch.testing.assert_close(networks.logits(inputs)[n], module(inputs).detach())
        assert (networks.weights[0][n] - before[0][n]).abs().max() > 0.01
        torch.testing.assert_close(networks.weights[0][n], layers[0].weight.detach().T)


@pytest.mark.parametrize("optimizer", OPTIMIZERS[:1] + OPTIMIZERS[2:3])
@pytest.mark.parametrize("soft_weight", [None, [0.7, 0.0, 1.0]])
def test_single_precision_follows_double(optimizer, soft_weight):
    """Where the exponential is our own. Adam is left out: it divides by gradients near 0."""
    single, inputs, targets = perceptrons(3)
    double, taught = doubled(single), soft_weight and teaching(3, soft_weight)
    order = mlp.batches(seeds(3), 60, 10, 10)
    train_perceptrons(single, inputs, targets, order, optimizer, taught)
    train_perceptrons(double, inputs.double(), targets.double(), order, optimizer, taught)
    for one, other in zip(parameters(single), parameters(double), strict=True):
        # Ten steps on parameters of order 1, each of some dozen roundings of 2^-24.
        torch.testing.assert_close(one.double(), other, rtol=0, atol=120 * 2**-24)


def test_the_exponential_of_single_precision():
    """To 1.3e-7 of it down to the smallest normal number, where the argument is held."""

    @njit
    def exponentials(x):
        found = np.empty_like(x)
        for n in range(x.size):
            found[n] = exp(x[n])
        return found

    x = np.linspace(-87, 0, 1_000_001).astype(np.float32)
    np.testing.assert_allclose(exponentials(x), np.exp(x.astype(float)), rtol=1.3e-7)
    least, unknown = exponentials(np.array([-np.inf, np.nan], np.float32))
    assert 0 <= least < 2e-38
    assert np.isnan(unknown)
    np.testing.assert_array_equal(exponentials(x[:9].astype(float)), np.exp(x[:9].astype(float)))


def test_training_that_diverges_is_not_hidden():
    """What is not a number passes through the ReLUs, as in torch."""
    networks, inputs, targets = perceptrons(2)
    inputs = inputs.clone()
    inputs[0, 0] = torch.nan
    order = np.zeros((2, 2, 1), np.int64)
    train_perceptrons(networks, inputs, targets, order, OPTIMIZERS[0])
    assert all(parameter.isnan().any() for parameter in parameters(networks))


def test_outputs_are_those_of_layers_whatever_the_block():
    networks, _, _ = perceptrons(2)
    networks = doubled(networks)
    rng = np.random.default_rng(3)
    inputs = torch.from_numpy(rng.standard_normal((2 * BLOCK + 3, 16)))
    value = inputs.expand(2, -1, -1)
    for layer in range(3):
        value = value @ networks.weights[layer] + networks.biases[layer]
        value = value.relu() if layer < 2 else value
    torch.testing.assert_close(networks.logits(inputs), value)
    again, _, _ = perceptrons(2)
    again.assign_rows(networks.rows().float())
    assert all(map(torch.equal, parameters(again), parameters(perceptrons(2)[0])))
    with pytest.raises(IndexError, match=r"inputs of shape \(5, 15\) are not allowed"):
        networks.logits(torch.zeros(5, 15, dtype=torch.float64))


def test_wrong_shapes_and_samples_are_refused():
    """Compiled code would read beyond the arrays."""
    networks, inputs, targets = perceptrons(2)
    order = mlp.batches(seeds(2), 60, 10, 1)
    wrong = {
        "order holds samples from .* to 60": (inputs, targets, order + 60 - order.max(), None),
        "order holds samples from -1": (inputs, targets, order - 1 - order.min(), None),
        "inputs and targets of shapes": (inputs[:, 1:], targets, order, None),
        r"are not allowed: the networks take \(60, 16\)": (inputs, targets[:, 1:], order, None),
        "teaching.logits of shape": (
            inputs,
            targets,
            order,
            Teaching(logits=targets[1:], temperature=torch.ones(2), soft_weight=torch.ones(2)),
        ),
    }
    for message, given in wrong.items():
        with pytest.raises(IndexError, match=message):
            train_perceptrons(networks, *given[:3], OPTIMIZERS[0], given[3])


@pytest.mark.usefixtures("one_thread")
def test_groups_of_networks_follow_one_order():
    order = mlp.batches(seeds(2), 60, 10, 8)
    grouped, inputs, targets = perceptrons(6)
    train_perceptrons(grouped, inputs, targets, order, OPTIMIZERS[0], packing=4)
    each, _, _ = perceptrons(6)
    train_perceptrons(each, inputs, targets, np.repeat(order, 3, axis=1), OPTIMIZERS[0])
    assert all(map(torch.equal, parameters(grouped), parameters(each)))
    with pytest.raises(ValueError, match="order has 2 orders for 5 networks; give one for each"):
        train_perceptrons(perceptrons(5)[0], inputs, targets, order, OPTIMIZERS[0])


@pytest.mark.parametrize("optimizer", OPTIMIZERS[1:])
def test_only_plain_descent_is_compiled(optimizer):
    networks, inputs, targets = perceptrons(2)
    order = mlp.batches(seeds(2), 60, 10, 1)
    with pytest.raises(ValueError, match=r"compiled=True is not allowed with Optimizer\(method="):
        train_perceptrons(networks, inputs, targets, order, optimizer, compiled=True)


def test_a_wrong_teaching_is_refused():
    networks, inputs, targets = perceptrons(4)
    order = mlp.batches(seeds(4), 60, 10, 1)
    with pytest.raises(ValueError, match="teaching is of 3 networks, there are 4"):
        train_perceptrons(networks, inputs, targets, order, OPTIMIZERS[0], teaching(3, [0.5]))
    with pytest.raises(ValueError, match=r"soft_weight=1\.5 is not allowed"):
        teaching(4, [1.5])
    logits = torch.zeros(60, 5)
    with pytest.raises(ValueError, match=r"temperature=0\.0 is not allowed"):
        Teaching(logits=logits, temperature=torch.zeros(4), soft_weight=torch.ones(4))
    with pytest.raises(ValueError, match=r"soft_weight of shape \(3,\) is not allowed"):
        Teaching(logits=logits, temperature=torch.ones(4), soft_weight=torch.ones(3))


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "newton"},
        {"rate": 0.0},
        {"rate": float("nan")},
        {"final": 0.0},
        {"final": 1.1},
        {"weight_decay": -0.1},
        {"momentum": 1.0},
        {"averaging": (0.9, 1.0)},
    ],
)
def test_wrong_optimizers_are_refused(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"^{name}=.*; choose "):
        Optimizer(**({"rate": 0.1} | wrong))


def test_one_vector_holds_all_parameters():
    networks, inputs, _ = perceptrons(3)
    vector, parts = networks.buffer()
    parts.assign(networks)
    assert torch.equal(parts.logits(inputs), networks.logits(inputs))
    for one, other in zip(parameters(parts), parameters(networks), strict=True):
        assert one.stride() == other.stride()
        assert (one.data_ptr() - vector.data_ptr()) % (4 * mlp.BLOCK) == 0
    assert vector.count_nonzero() == sum(p.count_nonzero() for p in parameters(networks))


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
@pytest.mark.slow
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
    monkeypatch.setattr("validation.training.packing.available_bytes", lambda device: 2**20)
    assert networks_at_once(2**10, cpu) == 2**9  # half of what is free
    assert networks_at_once(2**19 + 1, cpu) == 1
    with pytest.raises(MemoryError, match="one network needs 2 MiB to train, 1 MiB are free"):
        networks_at_once(2**21, cpu)
    monkeypatch.setattr("validation.training.packing.available_bytes", lambda device: 2**40)
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
    assert schedule.time == pytest.approx(4 * 2.0 + 6 * 3.0)


@pytest.mark.usefixtures("one_thread")
def test_data_that_fall_apart_are_trained_part_by_part():
    data = MultiViewData(classes=4, views=2, dimension=40, feature_noise=0.0)
    patches = torch.from_numpy(data.sample(40, np.random.default_rng(0)).patches)
    weights, noisy, labels = problem(3, deviation=0.3)
    features, backgrounds = blocks(patches)
    # Two views and two distractors on the features' axes, the background on the others.
    assert (features[0].tolist(), features[1].tolist()) == ([0, 1, 2, 3], list(range(8)))
    assert (backgrounds[0].tolist(), backgrounds[1].tolist()) == ([4], list(range(8, 40)))
    ((slots, axes),) = blocks(noisy)
    assert (slots.tolist(), axes.tolist()) == (list(range(5)), list(range(40)))
    ((slots, axes),) = blocks(torch.zeros(2, 3, 4))
    assert (slots.tolist(), axes.tolist()) == ([0, 1, 2], [0, 1, 2, 3])
    schedule = Schedule(steps=20, rate=0.5, switch=15, late_rate=1.5, late_momentum=0.5)
    apart, together = weights.double(), weights.double()
    seen = []
    train(
        apart, patches.double(), labels, POWER, schedule, watch=lambda *w: seen.append(w[2].clone())
    )
    # What is 0 but for 1e-300 is one part, with the same descent.
    joined = torch.where(patches == 0, 1e-300, patches.double())
    assert len(blocks(joined)) == 1
    train(together, joined, labels, POWER, schedule)
    assert (apart - weights).abs().max() > 0.05
    torch.testing.assert_close(apart, together, rtol=1e-9, atol=1e-12)
    # Who watches sees the weights of every step.
    assert len(seen) == schedule.steps + 1
    assert torch.equal(seen[-1], apart)
    assert all(not torch.equal(a, b) for a, b in pairwise(seen))
