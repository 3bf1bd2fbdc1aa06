"""Ways of training patch networks, perceptrons and students, each once and briefly."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from validation.data import Labelled, MultiViewData
from validation.experiments.students.networks import train_members, train_students
from validation.gpu.rounding import FLOAT32, Arrays, of_gates, of_sums
from validation.training import mlp, mlp_training
from validation.training.mlp_packed import Teaching
from validation.training.networks import initial_weights, logits
from validation.training.optimizer import Method, Optimizer
from validation.training.patches import train
from validation.training.schedule import Schedule
from validation.training.teaching import Softened, Truncated

STEPS = 10
"""Few: what rounding sets apart grows in training."""
CLASSES, DIMENSION, SAMPLES = 4, 40, 60


@dataclass(frozen=True)
class Path:
    """`trained(device, compiled)` gives the numbers before and after, which may differ by
    `tolerance` of the way between."""

    name: str
    trained: Callable[[str, bool], tuple[Arrays, Arrays]]
    tolerance: float
    compiles: bool = False


def seeds(count: int, purpose: int = 0) -> list[np.random.SeedSequence]:
    return [np.random.SeedSequence(3, spawn_key=(purpose, n)) for n in range(count)]


def paths() -> list[Path]:
    # A response sums over dimensions, a gradient over samples and patches.
    smooth = of_sums(FLOAT32, DIMENSION + 5 * SAMPLES, STEPS)
    # A response of n terms is off as after n roundings.
    gated = of_gates(FLOAT32, 1, DIMENSION)
    found = [
        Path(f"patch networks, {how}", patches(how, noise), smooth, how.startswith("labels"))
        for how, noise in (
            ("labels", 0.1), ("labels of two blocks", 0.0), ("taught outputs", 0.1),
            ("taught softened", 0.1),
        )
    ]  # fmt: skip
    methods: tuple[Method, ...] = ("sgd", "momentum", "adam")
    for method in methods:
        for taught in (False, True):
            name = f"perceptrons, {method}{', taught' if taught else ''}"
            found.append(Path(name, perceptrons(method, taught), gated, method == "sgd"))
    return [*found, Path("students and members", students, gated)]


def patches(how: str, noise: float) -> Callable[[str, bool], tuple[Arrays, Arrays]]:
    def trained(device: str, compiled: bool) -> tuple[Arrays, Arrays]:
        data = MultiViewData(classes=CLASSES, views=2, dimension=DIMENSION, feature_noise=noise)
        samples = data.sample(SAMPLES, np.random.default_rng(0))
        start = initial_weights(seeds(6), (CLASSES, 3, DIMENSION), 0.3)
        told = np.random.default_rng(1).random((6, CLASSES, SAMPLES), np.float32)
        outputs = torch.from_numpy(told).to(device)
        warmth = torch.linspace(4, 1, STEPS).repeat(6, 1).to(device)
        kinds: dict[str, Truncated | Softened] = {
            "taught outputs": Truncated(outputs=outputs, cap=0.5, weight=0.3),
            "taught softened": Softened(outputs=outputs, temperatures=warmth, weight=0.3),
        }
        weights = torch.from_numpy(start.copy()).to(device)
        images = torch.from_numpy(samples.patches).to(device)
        train(
            weights, images, torch.from_numpy(samples.labels).to(device), 4,
            Schedule(STEPS, 0.5, STEPS // 2, 1.0, late_momentum=0.5),
            compiled=compiled, teaching=kinds.get(how),
        )  # fmt: skip
        before = logits(torch.from_numpy(start).to(device), images, 4)
        after = logits(weights, images, 4)
        return [start, before.cpu().numpy()], [weights.cpu().numpy(), after.cpu().numpy()]

    return trained


def labelled() -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(2)
    inputs = rng.standard_normal((SAMPLES, DIMENSION), np.float32)
    return torch.from_numpy(inputs), torch.from_numpy(rng.integers(CLASSES, size=SAMPLES))


def perceptrons(method: Method, taught: bool) -> Callable[[str, bool], tuple[Arrays, Arrays]]:
    def trained(device: str, compiled: bool) -> tuple[Arrays, Arrays]:
        (inputs, labels), networks = (
            labelled(),
            mlp.Perceptrons.initial(seeds(6), (DIMENSION, 32, CLASSES)),
        )
        targets = torch.nn.functional.one_hot(labels, CLASSES).float()
        before = [part.numpy().copy() for part in networks.weights + networks.biases]
        told = torch.from_numpy(np.random.default_rng(1).random((SAMPLES, CLASSES), np.float32))
        teaching = Teaching(
            logits=told.to(device), temperature=torch.linspace(1, 4, 6).to(device),
            soft_weight=torch.linspace(0, 1, 6).to(device),
        )  # fmt: skip
        rate = 0.01 if method == "adam" else 0.1
        optimizer = Optimizer(method=method, rate=rate, weight_decay=0.01)
        networks = networks.to(device)
        mlp_training.train(
            networks, inputs.to(device), targets.to(device),
            mlp.batches(seeds(3, 1), SAMPLES, 20, STEPS), optimizer,
            teaching if taught else None, compiled=compiled,
        )  # fmt: skip
        return before, [part.cpu().numpy() for part in networks.weights + networks.biases]

    return trained


def students(device: str, compiled: bool) -> tuple[Arrays, Arrays]:
    """What a teacher and its students put out; before, they put out about nothing."""
    inputs, labels = (part.numpy() for part in labelled())
    training, adam = Labelled(inputs, labels), Optimizer(method="adam", rate=0.01, final=0.1)
    (members,) = train_members(
        training, CLASSES, [inputs], seeds(3), hidden=32, optimizer=adam, steps=STEPS, batch=20,
        device=device,
    )  # fmt: skip
    told = train_students(
        training, inputs, members.mean(0), [(1.0, 0.0), (3.0, 0.7)], seeds(2, 5), hidden=32,
        optimizer=adam, steps=STEPS, batch=20, device=device,
    )  # fmt: skip
    ends = [members, told.training, told.test]
    return [np.zeros_like(end) for end in ends], ends
