"""What is no logits is told from logits, in every type, with words that fit."""

import numpy as np
import pytest
import torch

from mvtheory.distillation import accuracy, advise, h_matrix, loss
from mvtheory.distillation.outputs import check_logits, check_probabilities, softmax

SAMPLES, CLASSES = 60, 12


def logits(seed=0, size=2.0, samples=SAMPLES, classes=CLASSES):
    return size * np.random.default_rng(seed).standard_normal((samples, classes))


def top(p, k):
    return np.where(p >= np.sort(p, axis=1)[:, -k, None], p, 0)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# What people give in place of logits, what it is called, and whether it is a distribution.
OTHERS = {
    "probabilities": (lambda z: softmax(z, 1.0), r"probabilities \(rows >= 0 of sum 1\)", True),
    "warm probabilities": (lambda z: softmax(z, 20.0), r"rows >= 0 of sum 1\)", True),
    "their mean": (
        lambda z: (softmax(z, 1.0) + softmax(z[::-1], 1.0)) / 2,
        r"rows >= 0 of sum 1\)",
        True,
    ),
    "their sum": (
        lambda z: sum(softmax(np.roll(z, r, axis=0), 1.0) for r in range(5)),
        r"probabilities times 5, of 5 networks \(rows >= 0 of sum 5\)",
        False,
    ),
    "percentages": (
        lambda z: 100 * softmax(z, 1.0),
        r"percentages \(rows >= 0 of sum 100\)",
        False,
    ),
    "whole percentages": (
        lambda z: np.rint(100 * softmax(z, 1.0)),
        r"percentages \(rows >= 0 of sum 100\)",
        False,
    ),
    "sigmoids": (sigmoid, r"sigmoids \(all numbers in \[0, 1\]", False),
    "top 3": (lambda z: top(softmax(z, 1.0), 3), "the 3 largest probabilities of each row", False),
    "top 3 of sum 1": (
        lambda z: top(softmax(z, 1.0), 3) / top(softmax(z, 1.0), 3).sum(axis=1, keepdims=True),
        r"rows >= 0 of sum 1\)",
        True,
    ),
}
TYPES = {
    "float64": np.asarray,
    "float32": np.float32,
    "float16": np.float16,
    "bfloat16": lambda a: torch.tensor(np.asarray(a)).to(torch.bfloat16),
    "half tensor": lambda a: torch.tensor(np.asarray(a)).to(torch.float16),
    "printed": lambda a: np.round(a, 4).tolist(),
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", OTHERS)
def test_others_are_told_in_every_type(name, kind):
    make, words, _ = OTHERS[name]
    for seed in range(20):
        with pytest.raises(ValueError, match=f"(?s)student holds .*{words}.*minus 1"):
            check_logits("student", TYPES[kind](make(logits(seed))))


@pytest.mark.parametrize("classes", [2, 10, 1000, 50257])
@pytest.mark.parametrize("kind", ["float64", "float32", "float16", "bfloat16"])
def test_probabilities_of_many_classes(kind, classes):
    p = TYPES[kind](softmax(logits(samples=4, classes=classes), 1.0))
    check_probabilities("p", p)
    with pytest.raises(ValueError, match="holds probabilities"):
        check_logits("p", p)


REAL = {
    "of an untrained network": lambda rng: 0.01 * rng.standard_normal((40, 10)),
    "of a trained one": lambda rng: logits() + 5,
    "of a head of zeros": lambda rng: np.zeros((40, 10)),
    "the same in every row": lambda rng: np.full((40, 10), 0.3),
    "one row": lambda rng: rng.standard_normal((1, 10)),
    "after a ReLU": lambda rng: np.maximum(logits(), 0),
    "after a ReLU, untrained": lambda rng: np.maximum(0.05 * logits(), 0),
    "of hinges": lambda rng: 1 - np.maximum(0, 1 - logits()),
    "logarithms of probabilities": lambda rng: np.log(softmax(logits(), 1.0)),
    "scaled labels": lambda rng: 2 * np.eye(10)[rng.integers(10, size=40)],
    "smoothed labels": lambda rng: 2 * np.eye(10)[rng.integers(10, size=40)] + 0.5,
    "votes": lambda rng: rng.multinomial(7, np.full(10, 0.1), size=40),
    "a few by hand": lambda rng: [[1, 0.0], [0, 0.5]],
    "orders of one row": lambda rng: rng.permuted(np.tile([0.5, 1.5, 2.0, 3.0], (40, 1)), axis=1),
    "cosines times 100": lambda rng: 100 * rng.uniform(0.1, 0.4, (40, 10)),
    "moved far": lambda rng: 1000 + rng.standard_normal((4, 10)),
    "small and moved far": lambda rng: 1e-3 + 1e-6 * rng.standard_normal((4, 10)),
    "large": lambda rng: 3e4 * rng.random((40, 10)),
    "powers": lambda rng: rng.gamma(2.0, size=(40, 10)),
    "masked": lambda rng: np.where(rng.random((40, 10)) < 0.3, -np.inf, rng.random((40, 10))),
}


@pytest.mark.parametrize("kind", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", REAL)
def test_logits_raise_no_alarm(name, kind):
    for seed in range(20):
        check_logits("student", TYPES[kind](REAL[name](np.random.default_rng(seed))))


def test_huge_logits_are_no_probabilities_and_no_warning():
    rows = 1e308 * np.random.default_rng(0).random((20, 10))
    assert check_logits("student", rows) is rows
    with pytest.raises(ValueError, match="no probabilities"):
        check_probabilities("p", rows)


def test_all_functions_tell_them():
    labels = np.arange(SAMPLES) % CLASSES
    z, p = logits(), torch.tensor(softmax(logits(), 1.0)).to(torch.bfloat16)
    for call in (
        lambda: advise(labels, z, p),
        lambda: advise(labels, p, z),
        lambda: loss(labels, p, z, temperature=2, soft_weight=0.5),
        lambda: h_matrix(labels, p, 1.0),
    ):
        with pytest.raises(ValueError, match="holds probabilities"):
            call()
    # And take them where they belong.
    assert accuracy(labels, p) == accuracy(labels, p.float().numpy())
    assert np.isfinite(h_matrix(labels, p)).all()


@pytest.mark.parametrize("name", [n for n, (_, _, whole) in OTHERS.items() if not whole])
def test_what_is_no_distribution_is_refused_as_one(name):
    rows = OTHERS[name][0](logits())
    with pytest.raises(
        ValueError, match=r"p holds rows that are no probabilities.*divide each row"
    ):
        check_probabilities("p", rows)
    check_probabilities("p", rows / rows.sum(axis=1, keepdims=True))
    rows[7] = 0
    with pytest.raises(ValueError, match=r"row 7 is 0; remove that sample"):
        check_probabilities("p", rows)
