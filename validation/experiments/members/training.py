"""Trains the networks of `MembersSetting`, has some of them predict, makes ensembles of others."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mvtheory.ensembles import advise_ensemble, explained_by_accuracy, two_value_share
from validation.data import Labelled, ManyClasses, split_digits
from validation.data.digits import DIGITS
from validation.experiments.members.setting import GIVEN, LARGEST, MembersSetting
from validation.experiments.streams import Streams
from validation.experiments.students.networks import train_members
from validation.training.measure import disagreement, outputs
from validation.training.networks import initial_weights
from validation.training.optimizer import Optimizer
from validation.training.patches import train
from validation.trial.claim import Tables

DATA, WEIGHTS, ORDER = range(3)
"""Purposes of random numbers; each has its own stream."""
PROBLEMS = ("digits", "many classes", "views")

Rows = list[dict[str, Any]]
Floats32 = NDArray[np.float32]
Labels = NDArray[np.int64]


def measure(
    setting: MembersSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the networks of one replicate, and predict and make ensembles of them.

    Returns tables `members` (a row a network), `given` (one row: Brier scores of those that
    predict), `predictions` (a row for each three of them), `sizes` (a row a size of the others'
    ensembles) and `differences` (one row: in what the others differ).
    """
    key = (PROBLEMS.index(setting.problem), setting.classes, replicate)
    streams = Streams(seed, key)
    members = _patches if setting.problem == "views" else _perceptrons
    logits, labels = members(setting, streams, device, compiled)
    shares = torch.softmax(torch.from_numpy(logits), dim=-1).numpy()
    given, others = shares[: setting.given], shares[setting.given :]
    networks = [
        {"network": n, "accuracy": accuracy(own, labels), "brier": brier(own, labels)}
        for n, own in enumerate(shares)
    ]
    pairs = [brier((given[i] + given[j]) / 2, labels) for i in range(len(given)) for j in range(i)]
    risks = {
        "risk_of_one": float(np.mean([row["brier"] for row in networks[: setting.given]])),
        "risk_of_two": float(np.mean(pairs)),
    }
    return {
        "members": networks,
        "given": [risks],
        "predictions": [
            {"group": g} | _advice(labels, logits[GIVEN * g : GIVEN * (g + 1)], setting.price)
            for g in range(setting.groups)
        ],
        "sizes": _ensembles(others, labels, streams.rng(ORDER)),
        "differences": [_differences(logits[setting.given :], others, labels)],
    }


def _perceptrons(
    setting: MembersSetting, streams: Streams, device: str, compiled: bool
) -> tuple[Floats32, Labels]:
    """Logits of all networks on the test samples, and their labels."""
    training, test = _data(setting, streams.sequence(DATA))
    (logits,) = train_members(
        training, setting.classes, [test.inputs], streams.sequences(setting.networks, WEIGHTS),
        hidden=setting.hidden, optimizer=Optimizer(method="adam", rate=setting.rate, final=0.1),
        steps=setting.steps, batch=setting.batch, device=device,
    )  # fmt: skip
    return logits, test.labels


def _data(setting: MembersSetting, seed: np.random.SeedSequence) -> tuple[Labelled, Labelled]:
    number = int(seed.generate_state(1)[0])
    if setting.problem == "digits":
        unused = DIGITS - setting.training_samples - setting.test_samples
        parts = split_digits(setting.training_samples, unused, number)
        return parts.training, parts.test
    source = ManyClasses(
        classes=setting.classes, dimension=setting.dimension, noise=setting.noise, seed=number
    )
    rng = np.random.default_rng(seed)
    return source.sample(setting.training_samples, rng), source.sample(setting.test_samples, rng)


def _patches(
    setting: MembersSetting, streams: Streams, device: str, compiled: bool
) -> tuple[Floats32, Labels]:
    """The same of patch networks; as many test samples as asked for, or a few more."""
    lottery, rng = setting.lottery, streams.rng(DATA)
    data = lottery.data
    samples = data.sample(setting.training_samples, rng)
    single = round(setting.single * setting.test_samples)
    tests = (
        data.sample(setting.test_samples - single, rng),
        data.view_only(-(-single // data.features), rng),
    )
    shape = (data.classes, lottery.neurons, data.dimension)
    seeds = streams.sequences(setting.networks, WEIGHTS)
    weights = torch.from_numpy(initial_weights(seeds, shape, lottery.deviation)).to(device)
    train(
        weights,
        torch.from_numpy(samples.patches).to(device),
        torch.from_numpy(samples.labels).to(device),
        lottery.power,
        lottery.schedule,
        compiled=compiled,
    )
    logits = np.concatenate([outputs(weights, test, lottery.power) for test in tests], axis=1)
    # They are sums of what is positive, and taken for sigmoids where all are small.
    return logits - np.float32(1), np.concatenate([test.labels for test in tests])


def _advice(labels: Labels, members: Floats32, price: float) -> dict[str, Any]:
    """What three members predict, and the accuracies of one, two and all of them."""
    advice = advise_ensemble(labels, members, sizes=[LARGEST], cost=price)
    one, two, three = advice.subsets.accuracy.tolist()
    return {
        "one": one,
        "two": two,
        "three": three,
        "accuracy": float(advice.accuracy[0]),
        "low": float(advice.low[0]),
        "high": float(advice.high[0]),
        "size": min(advice.size, LARGEST),
        "kind": advice.kind.name,
    }


def _ensembles(shares: Floats32, labels: Labels, rng: np.random.Generator) -> Rows:
    """Ensembles of 1 to 16 networks: neighbours on a ring, in which they are put by chance.

    Each network is in as many ensembles of a size as every other. `gain` is what an ensemble's
    Brier score is below the mean of its own members'.
    """
    ring = rng.permutation(len(shares))
    alone = np.array([brier(own, labels) for own in shares])
    found = np.zeros((3, len(ring), LARGEST))
    for start in range(len(ring)):
        order = np.roll(ring, -start)[:LARGEST]
        total = np.zeros_like(shares[0])
        for place, member in enumerate(order):
            total += shares[member]
            mean = total / np.float32(place + 1)
            risk = brier(mean, labels)
            gain = alone[order[: place + 1]].mean() - risk
            found[:, start, place] = accuracy(mean, labels), risk, gain
    return [
        {"size": size, "accuracy": right, "brier": risk, "gain": gain}
        for size, (right, risk, gain) in enumerate(found.mean(axis=1).T.tolist(), start=1)
    ]


def _differences(logits: Floats32, shares: Floats32, labels: Labels) -> dict[str, float]:
    """In what networks differ, and what is gained by all of them and by the best of them.

    The best is chosen on one half of the test samples and measured on the other, either way. The
    margin is looked at on samples that some networks put right and others wrong.
    """
    right = logits.argmax(axis=2) == labels
    label = np.arange(len(labels)), labels
    others = logits.copy()
    others[:, *label] = -np.inf
    halves = right[:, ::2].mean(axis=1), right[:, 1::2].mean(axis=1)
    chosen = np.mean([b[a.argmax()] - b.mean() for a, b in (halves, halves[::-1])])
    alone, split = right.mean(axis=1), right.any(axis=0) & ~right.all(axis=0)
    margins = (logits[:, *label] - others.max(axis=2))[:, split]
    return {
        "accuracy": float(alone.mean()),
        "deviation": float(alone.std(ddof=1)),
        "disagreement": disagreement(logits.argmax(axis=2)),
        "explained": explained_by_accuracy(right),
        "two_values": two_value_share(margins) if split.any() else 0.0,
        "gain": accuracy(shares.mean(axis=0), labels) - float(alone.mean()),
        "chosen": float(chosen),
        "loss": float(np.mean([log_loss(own, labels) for own in shares])),
        "loss_of_all": log_loss(shares.mean(axis=0), labels),
        "brier": float(np.mean([brier(own, labels) for own in shares])),
        "brier_of_all": brier(shares.mean(axis=0), labels),
    }


def accuracy(shares: Floats32, labels: Labels) -> float:
    return float((shares.argmax(axis=1) == labels).mean())


def log_loss(shares: Floats32, labels: Labels) -> float:
    """In nats, of the probabilities of the labels; no rounding makes it infinite."""
    label = shares[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(label, np.finfo(np.float32).tiny)).mean())


def brier(shares: Floats32, labels: Labels) -> float:
    """Squared error of the probabilities, shape (samples, classes), summed over the classes."""
    right = np.arange(len(labels)), labels
    squares = np.einsum("sk,sk->s", shares, shares, dtype=np.float64)
    return float((squares - 2 * shares[right] + 1).mean())
