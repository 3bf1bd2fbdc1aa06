"""Every path of training on a card, on one that a CPU plays: no tensor on the wrong side."""

import numpy as np
import pytest
import torch
from card import CARD, autocasts, played

from validation.claims import CLAIMS
from validation.data import MultiViewData
from validation.gpu import command
from validation.gpu.rounding import BFLOAT16, of_gates
from validation.networks.architecture import Architecture
from validation.networks.functions import initial, select
from validation.networks.recipe import Recipe
from validation.networks.training import Teacher, outputs
from validation.networks.training import train as train_images
from validation.running.task import Task, compute
from validation.training import mlp
from validation.training.mlp_training import Teaching
from validation.training.mlp_training import train as train_perceptrons
from validation.training.networks import initial_weights
from validation.training.optimizer import Optimizer
from validation.training.patches import train
from validation.training.schedule import Schedule
from validation.training.teaching import Softened, Truncated

pytestmark = pytest.mark.usefixtures("one_thread")
SCHEDULE = Schedule(steps=12, rate=0.5, switch=8, late_rate=1.5, late_momentum=0.5)
OPTIMIZERS = [
    Optimizer(rate=0.1),
    Optimizer(method="momentum", rate=0.05, final=0.2, weight_decay=0.01),
    Optimizer(method="adam", rate=0.01, weight_decay=0.01),
]
ROUNDING = {"rtol": 1e-4, "atol": 1e-5}
"""Of a dozen steps in float32, whose rounding is 6e-8, in sums of hundreds of terms."""


def seeds(count, purpose=0):
    return [np.random.SeedSequence(5, spawn_key=(purpose, n)) for n in range(count)]


def test_what_no_card_does_is_refused():
    with played():
        here, there = torch.ones(3), torch.ones(3).to("cuda")
        assert there.device == CARD
        assert there.is_cuda
        assert not here.is_cuda
        assert torch.zeros(2, device="cuda").is_cuda
        assert (there * here.sum()).tolist() == [3, 3, 3]  # a number may lie anywhere
        assert there[torch.tensor([0, 2])].tolist() == there[[0, 2]].tolist() == [1, 1]
        for wrong in (
            lambda: there + here,
            lambda: here[there.long()],
            lambda: torch.index_select(there, 0, here.long()),
            lambda: here.add_(there),
        ):
            with pytest.raises(RuntimeError, match="on cuda and on cpu"):
                wrong()
        for wrong in (there.numpy, lambda: np.asarray(there)):
            with pytest.raises(TypeError, match="copy it to the host"):
                wrong()
        assert np.array_equal(there.cpu().numpy(), np.ones(3))
        own = there.clone().requires_grad_()
        (slope,) = torch.autograd.grad((own * own).sum(), [own])
        assert slope.is_cuda
        assert slope.tolist() == [2, 2, 2]


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("told", ["labels", "compiled", "outputs", "softened"])
def test_patch_networks_train_on_a_card(told, noise):
    """Without noise they fall apart into two blocks."""
    data = MultiViewData(classes=4, views=2, dimension=40, feature_noise=noise)
    samples = data.sample(40, np.random.default_rng(0))
    start = torch.from_numpy(initial_weights(seeds(3), (4, 3, 40), 0.3))
    answers = torch.from_numpy(np.random.default_rng(1).random((3, 4, 40), np.float32))

    def trained(device):
        weights, told_by = start.clone().to(device), answers.to(device)
        warmth = torch.full((3, SCHEDULE.steps), 2.0).to(device)
        teaching = {
            "outputs": Truncated(outputs=told_by, cap=0.5, weight=0.3),
            "softened": Softened(outputs=told_by, temperatures=warmth, weight=0.3),
        }.get(told)
        seen = []
        train(
            weights, torch.from_numpy(samples.patches).to(device),
            torch.from_numpy(samples.labels).to(device), 4, SCHEDULE, packing=2,
            compiled=told == "compiled" and device != "cpu", teaching=teaching,
            watch=lambda part, step, now: seen.append(now.cpu().clone()),
        )  # fmt: skip
        assert len(seen) == 2 * (SCHEDULE.steps + 1)
        assert (weights.device == CARD) == (device != "cpu")
        return weights.cpu()

    here = trained("cpu")
    with played():
        there = trained("cuda")
    assert (here - start).abs().max() > 0.01
    torch.testing.assert_close(there, here, **ROUNDING)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("told", ["labels", "compiled", "teacher"])
def test_perceptrons_train_on_a_card(told, optimizer):
    compiled = told == "compiled"
    if compiled and optimizer.method != "sgd":
        pytest.skip("plain descent alone is compiled")
    rng = np.random.default_rng(2)
    inputs = torch.from_numpy(rng.standard_normal((60, 16), np.float32))
    targets = torch.nn.functional.one_hot(torch.from_numpy(rng.integers(5, size=60)), 5).float()
    logits = torch.from_numpy(rng.standard_normal((60, 5), np.float32))
    order = mlp.batches(seeds(4, 1), 60, 10, 12)

    def trained(device):
        networks = mlp.Perceptrons.initial(seeds(4), (16, 20, 5)).to(device)
        teaching = Teaching(
            logits=logits.to(device), temperature=torch.tensor([1.0, 2, 3, 4]).to(device),
            soft_weight=torch.tensor([0.0, 0.3, 0.7, 1]).to(device),
        )  # fmt: skip
        train_perceptrons(
            networks, inputs.to(device), targets.to(device), order, optimizer,
            teaching if told == "teacher" else None, packing=3,
            compiled=compiled and device != "cpu",
        )  # fmt: skip
        return networks.logits(inputs.to(device)).cpu()

    here = trained("cpu")
    with played():
        there = trained("cuda")
    torch.testing.assert_close(there, here, **ROUNDING)


@pytest.mark.parametrize("kind", ["perceptron", "cnn", "resnet-8", "resnet-14"])
@pytest.mark.parametrize("way", ["each", "together", "taught", "alone"])
def test_networks_for_images_train_on_a_card(kind, way):
    """In bfloat16, whose rounding is 2^-9: what moved is within a fraction of its way."""
    architecture = Architecture(kind=kind, width=4, channels=2, size=8, classes=4)
    recipe = Recipe(epochs=1, batch=16, rate=0.02, shift=2, flip=True, cutout=3)
    rng = np.random.default_rng(1)
    images = torch.from_numpy(rng.standard_normal((48, 2, 8, 8), np.float32))
    labels = torch.from_numpy(rng.integers(4, size=48))
    count = 1 if way == "alone" else 3

    def trained(device):
        stack = initial(architecture, seeds(count), device)
        teacher = Teacher(initial(architecture, seeds(2, 7), device), 3.0, 0.4)
        ended = train_images(
            stack, recipe, images.to(device), labels.to(device), seeds(count, 1),
            teacher=teacher if way == "taught" else None, together=way == "together",
        )  # fmt: skip
        assert all(own.dtype == torch.float32 for own in ended.parameters.values())
        assert outputs(select(ended, [0]), images).shape == (1, 48, 4)
        assert np.isfinite(outputs(ended, images)).all()
        return [{name: own.cpu() for name, own in s.parameters.items()} for s in (stack, ended)]

    start, here = trained("cpu")
    with played():
        _, there = trained("cuda")
        seen = set(autocasts.seen)
    if kind != "perceptron":
        assert ("conv2d", torch.bfloat16) in seen
    assert ("cross_entropy", torch.float32) in seen
    assert not {name for name, number in seen if number == torch.bfloat16} - {"conv2d"}
    way_ = torch.cat([(here[name] - start[name]).flatten() for name in here])
    off = torch.cat([(here[name] - there[name]).flatten() for name in here])
    convolutions = len(architecture.convolutions)
    limit = of_gates(BFLOAT16, convolutions, 3) if convolutions else 1e-4
    assert (0.01 if convolutions else 0) * way_.norm() <= off.norm() < limit * way_.norm()


@pytest.mark.parametrize(
    "claim", ["single-view", "ensemble-distillation", "summed-views", "phase-diagram", "h-spectrum",
              "members-needed", "image-ensemble"],
)  # fmt: skip
def test_experiments_run_on_a_card(claim):
    """From the data to tables of plain numbers, as a worker computes them."""
    for setting in CLAIMS[claim].settings("smoke"):
        with played():
            tables, provenance = compute(Task(setting, 0, 0, "cuda", False))
        assert provenance["environment"].startswith("cuda (a card that a CPU plays; ")
        here, _ = compute(Task(setting, 0, 0, "cpu", False))
        assert tables.keys() == here.keys()
        for name, rows in tables.items():
            assert [row.keys() for row in rows] == [row.keys() for row in here[name]]
            assert not any(isinstance(v, torch.Tensor) for row in rows for v in row.values())


@pytest.mark.parametrize("part", ["smoke", "speed", "images"])
def test_the_programme_for_a_gpu_runs_on_a_card(part, tmp_path, capsys):
    with played():
        code = command.main([part, "--tiny", "--out", str(tmp_path)])
    said = capsys.readouterr().out
    assert code == 0, said
    assert list((tmp_path / part).iterdir())
    if part == "smoke":
        assert "patch networks, labels, compiled: ok" in said
        assert " 0.0e+00 of the way" not in said.split("cnn, stacked")[1].splitlines()[0]
