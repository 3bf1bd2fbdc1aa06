"""Errors of the ensemble advisor."""

import numpy as np
from remedy import Remedy

from mvtheory.ensembles import advise_ensemble, two_value_share

PLACES = ("mvtheory/ensembles",)
N, K = 60, 4
RNG = np.random.default_rng(0)
LABELS = RNG.integers(K, size=N)
FIRST, SECOND = 2 * np.eye(K)[LABELS] + RNG.standard_normal((2, N, K))
BOTH = np.stack([FIRST, SECOND])
KEPT = np.arange(N) != 3
MASKED = BOTH.copy()
MASKED[:, 3, LABELS[3]] = -np.inf


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def advice(members=BOTH, labels=LABELS, **given):
    return advise_ensemble(labels, members, **given)


REMEDIES = [
    Remedy(
        lambda: two_value_share([1.0, 2.0]),
        "outputs of shape .2,..*give a row for each network",
        lambda: two_value_share([[1.0], [2.0]]),
    ),
    # Members.
    Remedy(
        lambda: advice([FIRST]),
        r"members holds 1 \(n >= 2 networks.*train a second",
        lambda: advice([FIRST, SECOND]),
    ),
    Remedy(
        lambda: advice(BOTH[:1]),
        r"members holds 1 \(n >= 2 networks.*train a second",
        lambda: advice(BOTH),
    ),
    Remedy(
        lambda: advice(FIRST),
        r"members of shape \(60, 4\) .*give a list of one array \(N, K\) a network, or np.stack",
        lambda: (advice([FIRST, SECOND]), advice(np.stack([FIRST, SECOND]))),
    ),
    Remedy(
        lambda: advice([FIRST, SECOND[:-1]]),
        r"members\[1\] of shape \(59, 4\) .*give the same samples and classes",
        lambda: advice([FIRST[:-1], SECOND[:-1]], LABELS[:-1]),
    ),
    Remedy(
        lambda: advice([FIRST, softmax(SECOND)]),
        r"members\[1\] holds .*where logits are wanted",
        lambda: advice([FIRST, np.log(np.maximum(softmax(SECOND), 1e-30))]),
    ),
    Remedy(
        lambda: advice([FIRST, 1e16 * SECOND]),
        r"members\[1\] holds .*logits from -1e\+15 to 1e\+15.*a network that has diverged",
        lambda: advice([FIRST, SECOND]),
    ),
    Remedy(
        lambda: advice(MASKED),
        r"members\[0\] and members\[1\] at \[3\] masks class \d.*drop that sample everywhere",
        lambda: advice(MASKED[:, KEPT], LABELS[KEPT]),
    ),
    Remedy(
        lambda: advice(labels=LABELS[:-1]),
        "labels has 59 samples, the outputs have 60; give the same samples",
        lambda: advice([FIRST[:-1], SECOND[:-1]], LABELS[:-1]),
    ),
    # What is asked.
    Remedy(
        lambda: advice(sizes=[]),
        r"sizes of shape \(0,\) .*give some, as \[1, 2, 5, 10, inf\]",
        lambda: advice(sizes=[1, 2, 5, 10, np.inf]),
    ),
    Remedy(
        lambda: advice(sizes=[1, 2.5]),
        r"sizes holds 2.5, .*leave it out or round it",
        lambda: (advice(sizes=[1]), advice(sizes=[1, round(2.5)])),
    ),
    Remedy(
        lambda: advice().at([0]),
        "sizes holds 0, .*leave it out or round it",
        lambda: advice().at([1]),
    ),
    Remedy(
        lambda: advice(average="mean"),
        r"average='mean' .*\(probabilities, logits, vote\); choose one",
        lambda: [advice(average=name) for name in ("probabilities", "logits", "vote")],
    ),
    Remedy(
        lambda: advice(cost=-0.1),
        "cost=-0.1 .*0 <= cost <= 1.*choose a value in this range, as 0.001",
        lambda: advice(cost=0.001),
    ),
    Remedy(
        lambda: advice(confidence=1),
        "confidence=1.* is not allowed.*choose a value in this range",
        lambda: advice(confidence=0.99),
    ),
]
