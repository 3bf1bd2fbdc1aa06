"""Large steps: sharpness against Hessians of whole networks, and descent on both sides of edges."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from mvtheory.race import (
    Setting,
    critical_rate,
    descend,
    descend_pathways,
    pathway_shares,
    pathway_sharpness,
    pathways_at_edge,
    settled_probability,
    view_sharpness,
)

ULP = float(np.finfo(float).eps)


def sharpness(loss, *weights: np.ndarray) -> float:
    """Largest eigenvalue of the Hessian of a function of so many arrays."""
    sizes = [w.size for w in weights]
    flat = torch.from_numpy(np.concatenate([w.ravel() for w in weights]))

    def of_flat(values: torch.Tensor) -> torch.Tensor:
        parts = torch.split(values, sizes)
        return loss(*(part.reshape(w.shape) for part, w in zip(parts, weights, strict=True)))

    hessian = torch.autograd.functional.hessian(of_flat, flat).numpy()
    return float(np.linalg.eigvalsh(hessian).max())


def pathway_network(shares: np.ndarray, depth: int, feature: float, target: float):
    """Layers of a fitted gated linear network, and its loss; shares of shape (classes, pathways).

    Each pathway sees a class as its unit vector times `feature`; hidden bases are random.
    """
    classes, pathways = shares.shape
    rng = np.random.default_rng(depth)
    b = (shares * target / feature) ** (1 / depth)
    width = classes + 1
    layers = []
    for p in range(pathways):
        bases = [np.linalg.qr(rng.normal(size=(width, classes)))[0] for _ in range(depth - 1)]
        bases = [np.eye(classes), *bases, np.eye(classes)]
        for before, after in pairwise(bases):
            layers.append(after * b[:, p] @ before.T)

    def loss(*weights: torch.Tensor) -> torch.Tensor:
        total = 0
        for p in range(pathways):
            passed = feature * torch.eye(classes, dtype=torch.float64)
            for layer in weights[p * depth : (p + 1) * depth]:
                passed = layer @ passed
            total = total + passed
        return ((total - target * torch.eye(classes, dtype=torch.float64)) ** 2).sum() / 2

    return layers, loss


@pytest.mark.parametrize(
    ("depth", "shares", "feature", "target"),
    [
        (2, [[1.0, 0.0]], 1.0, 1.0),
        (2, [[0.3, 0.7]], 1.0, 1.0),
        (3, [[1.0, 0.0], [0.0, 1.0]], 1.0, 1.0),
        (3, [[0.8, 0.2], [0.6, 0.4]], 1.0, 1.0),
        (4, [[0.5, 0.3, 0.2]], 1.3, 0.7),
        (4, [[1.0, 0.0], [1.0, 0.0]], 0.6, 2.0),
    ],
)
def test_the_sharpness_is_that_of_the_whole_network(depth, shares, feature, target):
    layers, loss = pathway_network(np.array(shares), depth, feature, target)
    largest = pathway_sharpness(shares=shares, depth=depth).max()
    scale = feature ** (2 / depth) * target ** (2 - 2 / depth)
    assert sharpness(loss, *layers) == pytest.approx(scale * largest, rel=1e-12)


def test_unbalanced_layers_are_sharper():
    layers, loss = pathway_network(np.array([[0.8, 0.2]]), 3, 1.0, 1.0)
    layers[0], layers[1] = 1.5 * layers[0], layers[1] / 1.5
    assert sharpness(loss, *layers) > 1.01 * pathway_sharpness(shares=[0.8, 0.2], depth=3)


@pytest.mark.parametrize("depth", [2, 2.5, 3, 4, 7])
@pytest.mark.parametrize("pathways", [1, 2, 5])
def test_edges_are_two_over_the_sharpness(depth, pathways):
    shares = np.full(pathways, 1 / pathways)
    rate = critical_rate(pathways=pathways, depth=depth)
    assert rate * pathway_sharpness(shares=shares, depth=depth) == pytest.approx(2, rel=20 * ULP)
    if depth > 2:
        assert pathways_at_edge(rate=rate, depth=depth) == pytest.approx(pathways, rel=100 * ULP)


@pytest.mark.parametrize("depth", [3, 4, 5])
def test_descent_stays_just_below_the_edge_and_leaves_just_above(depth):
    """From one pathway that has all, 1 % of the output too much, beside one of a thousandth."""
    edge = critical_rate(pathways=1, depth=depth)
    start = np.array([1.01, 0.001]) ** (1 / depth)
    below = descend_pathways(start, 1.0, depth, 0.97 * edge, 2000)
    assert below.sum() == pytest.approx(1, abs=1e-12)
    # Residuals change their sign and shrink from a hundredth, so that they add up to less; the
    # loser grows by L eta b^(L-2) < 2 times that, to first order.
    assert below[1] == pytest.approx(0.001, rel=0.02)
    above = descend_pathways(start, 1.0, depth, 1.2 * edge, 20000)
    assert above.sum() == pytest.approx(1, abs=1e-6)
    settled = pathway_sharpness(shares=above / above.sum(), depth=depth)
    # No solution that is sharper is stable, and none that is much flatter is reached: it is
    # nearer to the edge of its own rate than to those of rates a tenth off.
    assert 1.2 * edge * settled <= 2 + 1e-6
    edges = 2 / (edge * np.array([1.08, 1.2, 1.32]))
    assert np.abs(settled - edges).argmin() == 1


def test_small_steps_are_gradient_flow():
    starts = np.array([[0.2, 0.18, 0.1], [0.1, 0.15, 0.0]])
    strengths = np.array([1.0, 0.8, 1.2])
    flow = pathway_shares(starts, strengths, 3)
    errors = [
        np.abs(descend_pathways(starts, strengths, 3, rate, round(400 / rate)) - flow).max()
        for rate in (0.2, 0.1, 0.05)
    ]
    # Euler's method is of the first order.
    assert errors[2] < 0.01
    np.testing.assert_allclose(np.divide(errors[:2], errors[1:]), 2, rtol=0.15)


def patch_loss(views: int, power: float, entropy: bool):
    """Of two classes with orthonormal features, a neuron each, in `Setting`'s unit of rates."""

    def loss(weights: torch.Tensor) -> torch.Tensor:
        coefficient = 1.7
        logits = []
        for k in range(2):
            features = torch.zeros((views, 2 * views), dtype=torch.float64)
            features[range(views), range(k * views, (k + 1) * views)] = coefficient
            passed = features @ weights.T
            gate = torch.where(
                passed > 1, passed - 1 + 1 / power, passed.clamp(min=0) ** power / power
            )
            logits.append(gate.sum(dim=0))
        outputs, labels = torch.stack(logits), torch.arange(2)
        if entropy:
            return torch.nn.functional.cross_entropy(outputs, labels, reduction="sum")
        return ((outputs - torch.eye(2)) ** 2).sum() / 2

    return loss


def patch_weights(responses: float, learned: int, views: int) -> np.ndarray:
    """Each class's neuron with this response to the first views of its class."""
    own = np.zeros((2, 2, views))
    own[range(2), range(2), :learned] = responses / 1.7
    return own.reshape(2, 2 * views)


@pytest.mark.parametrize("power", [3, 4])
@pytest.mark.parametrize("shared", [1, 2, 3, 6, 70])
def test_views_that_share_are_as_sharp_as_said(power, shared):
    level = 1 / shared
    response = level + 1 - 1 / power if level > 1 / power else (power * level) ** (1 / power)
    weights = patch_weights(response, shared, shared)
    found = sharpness(patch_loss(shared, power, entropy=False), weights)
    told = 1.7**2 * view_sharpness(views=shared, power=power)
    assert found == pytest.approx(told, rel=1e-9)
    assert (found < 1.7**2) == (shared > power ** ((2 * power - 2) / (power - 2)))


def test_a_learned_view_is_stable_on_cross_entropy_from_its_probability_on():
    rate, square = 5.0, 1.7**2
    p = settled_probability(rate=rate, square=square)
    output = math.log(p / (1 - p))  # of two classes
    at = sharpness(patch_loss(2, 4, entropy=True), patch_weights(output + 0.75, 1, 2))
    assert at == pytest.approx(2 / rate, rel=1e-9)
    before = sharpness(patch_loss(2, 4, entropy=True), patch_weights(output + 0.65, 1, 2))
    after = sharpness(patch_loss(2, 4, entropy=True), patch_weights(output + 0.85, 1, 2))
    assert before > 2 / rate > after
    assert settled_probability(rate=8 / square * (1 - 1e-9), square=square) == 0.5


def test_patch_networks_leave_their_view_above_the_edge_on_squared_error_alone():
    """Of a view with z = 1.75, which one neuron has learned, the edge is at 2/z^2."""

    def outputs(rate: float, loss: str) -> np.ndarray:
        setting = Setting(
            views=3, classes=5, neurons=1, power=4, deviation=0.03, samples=50,
            stages=((round(1200 / rate), rate),), strength=(1.75, 1.75), background_noise=0.5,
        )  # fmt: skip
        found = 1.75 * descend(setting, draws=50, loss=loss).strengths[-1]
        return np.where(found > 1, found - 0.75, found**4 / 4)

    edge = 2 / 1.75**2
    below = outputs(0.97 * edge, "squared error")
    run = below.max(axis=1) > 0.5  # races that had the time
    assert run.mean() > 0.5
    np.testing.assert_allclose(below.sum(axis=1)[run], 1, rtol=1e-6)
    above = outputs(1.03 * edge, "squared error").sum(axis=1)
    assert (np.abs(above - 1) > 0.01)[run].all()
    # At four times that rate cross-entropy has its one view, and it only.
    entropy = outputs(4 * edge, "cross-entropy")[run]
    assert np.median((entropy > 1 / 4).sum(axis=1)) == 1
    assert entropy.max(axis=1).min() > 1
