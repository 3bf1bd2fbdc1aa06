"""Pathways that turn to waiting classes: against deep linear networks trained by themselves."""

import numpy as np
import pytest

from mvtheory.race import pathway_shares, turned_shares

NETWORKS, CLASSES, PATHWAYS, DEPTH = 150, 5, 2, 4
DEVIATION, NOISE, NEURONS = 0.1, 0.002, 10


def starts(rng: np.random.Generator, networks: int = NETWORKS) -> np.ndarray:
    drawn = rng.standard_normal((networks, CLASSES, PATHWAYS, NEURONS)).max(axis=-1)
    return np.maximum(DEVIATION * drawn, 0.0)


def trained(initial: np.ndarray, rng: np.random.Generator, steps=400, rate=0.4) -> np.ndarray:
    """Outputs for each class by pathway, (networks, classes, pathways), of linear networks that are
    trained to reproduce one-hot inputs which every pathway sees."""
    networks = len(initial)
    diagonal = np.moveaxis(initial, 1, -1)[..., None] * np.eye(CLASSES)
    layers = [
        diagonal + NOISE * rng.standard_normal((networks, PATHWAYS, CLASSES, CLASSES))
        for _ in range(DEPTH)
    ]
    for _ in range(steps):
        before = [np.broadcast_to(np.eye(CLASSES), layers[0].shape)]
        for layer in layers:
            before.append(layer @ before[-1])
        residual = np.eye(CLASSES) - before[-1].sum(axis=1, keepdims=True)
        back, slopes = np.broadcast_to(residual, layers[0].shape), []
        for layer, inputs in zip(reversed(layers), reversed(before[:-1]), strict=True):
            slopes.append(back @ np.swapaxes(inputs, -1, -2))
            back = np.swapaxes(layer, -1, -2) @ back
        for layer, slope in zip(layers, reversed(slopes), strict=True):
            layer += rate * slope
    product = layers[0]
    for layer in layers[1:]:
        product = layer @ product
    return np.moveaxis(np.diagonal(product, axis1=-2, axis2=-1), 1, -1)


def test_trained_networks_lose_the_races_that_the_law_says():
    rng = np.random.default_rng(5)
    initial = starts(rng)
    ends = trained(initial, rng)
    assert np.abs(ends.sum(axis=-1) - 1).mean() < 0.01  # everything is learned
    law = turned_shares(initial, DEPTH, NOISE)
    first, last = initial.argmax(axis=-1), initial.max(axis=-1).argmin(axis=-1)
    index = np.arange(NETWORKS)

    def lost(outputs: np.ndarray) -> np.ndarray:
        return outputs.argmax(axis=-1) != first

    measured, foreseen = lost(ends)[index, last], lost(law)[index, last]
    # Of the classes that are learned last; twice the deviation of a difference of two shares.
    chance = foreseen.mean()
    assert chance > 0.05
    assert abs(measured.mean() - chance) < 2 * np.sqrt(2 * chance * (1 - chance) / NETWORKS)
    # It is these races, not only so many; by the starts alone none would be lost.
    assert foreseen[measured].mean() > 3 * foreseen[~measured].mean()
    ahead = initial.max(axis=-1).argmax(axis=-1)
    assert not lost(law)[index, ahead].any()
    assert lost(ends)[index, ahead].mean() < chance / 2


def test_classes_race_by_themselves_without_noise():
    initial = starts(np.random.default_rng(1), 20)
    np.testing.assert_array_equal(
        turned_shares(initial, 3.5, noise=0.0), pathway_shares(initial, 1.0, 3.5)
    )


def test_a_pathway_that_has_learned_a_class_alone_turns_to_none():
    initial = np.array([[0.3, 0.0], [0.1, 0.06]])
    alone = turned_shares(initial, 4, noise=0.01)
    np.testing.assert_allclose(alone, pathway_shares(initial, 1.0, 4), atol=1e-3)


def test_the_order_of_classes_does_not_matter():
    initial = np.array([[0.3, 0.27], [0.12, 0.06]])
    shares = turned_shares(initial, 4, noise=0.002)
    assert shares[1, 1] > 0.9
    np.testing.assert_array_equal(turned_shares(initial[::-1], 4, noise=0.002), shares[::-1])


@pytest.mark.parametrize(
    ("initial", "words"), [([0.1, 0.2], "shape"), ([[1.5, 0.1]], "0 <= b < 1")]
)
def test_starts_must_be_starts_of_classes(initial, words):
    with pytest.raises(ValueError, match=words):
        turned_shares(initial, 4, 0.01)
