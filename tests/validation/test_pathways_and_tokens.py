"""Gated deep linear networks and attention networks against what they are by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mvtheory.race import descend_pathways, grow_pathways, pathways_at_edge
from validation.claims import large_steps
from validation.experiments import measure
from validation.experiments.pathways import setting as pathways
from validation.experiments.pathways import training as deep
from validation.experiments.tokens import setting as tokens
from validation.experiments.tokens import training as attention

pytestmark = pytest.mark.usefixtures("one_thread")


def test_balanced_pathways_follow_the_reduced_race():
    """Without noise, at small steps: to the order of a step."""
    setting = pathways.PathwaySetting(
        name="exact", depth=3, steps=200, rate=0.1, strengths=(1.0, 0.8), deviation=0.1,
        unbalance=0.0, noise=0.0, networks=3, classes=3, width=4, samples=4,
    )  # fmt: skip
    rows = measure(setting, 2, 0)["networks"]
    initial, ends = (np.array([row[name] for row in rows]) for name in ("initial", "strength"))
    course = grow_pathways(initial, setting.correlations, setting.overlaps, 3, [setting.time])
    np.testing.assert_allclose(ends, course[..., 0], atol=0.02)
    assert ends.max() > 0.9


def test_a_balanced_network_takes_large_steps_as_the_reduced_descent_does():
    """Above the edge of one pathway, until its oscillation is there: rounding grows with it."""
    setting = replace(
        large_steps.setting(4, 3, 1.3, networks=5), unbalance=0.0, noise=0.0, steps=60
    )
    rows = measure(setting, 2, 0)["networks"]
    initial, ends = (np.array([row[name] for row in rows]) for name in ("initial", "strength"))
    reduced = descend_pathways(initial, 1.0, 4, setting.rate, setting.steps)
    np.testing.assert_allclose(ends, reduced, atol=1e-9)
    assert np.abs(1 - ends.sum(axis=-1)).max() > 0.01


def test_what_has_no_output_counts_as_one_pathway():
    outputs = np.array([[0.5, 0.5, 0], [0, 0, 0], [np.nan, np.nan, 1], [0.9, -0.1, 0]])
    even = pathways_at_edge(rate=2 / (4 * 2**-0.5), depth=4)
    np.testing.assert_allclose(large_steps.effective(outputs, 4), [even, 1, 1, 1], rtol=1e-14)
    assert even == pytest.approx(2, rel=1e-14)


def test_descent_takes_the_slopes_of_the_squared_error():
    setting = replace(pathways.settings("smoke")[0], samples=5)
    rng = np.random.default_rng(0)
    patches, shown, labels = deep.sample(setting, rng)
    inputs = torch.from_numpy(patches * shown[..., None])
    targets = torch.nn.functional.one_hot(torch.from_numpy(labels), setting.classes).double()
    layers = deep._layers(setting, setting.start((setting.classes,), rng), rng)
    weights = [torch.from_numpy(layer[None].copy()) for layer in layers]
    moved = [weight.clone().requires_grad_() for weight in weights]
    left = deep._residuals(deep._product(moved), inputs, targets)
    loss = setting.classes / len(inputs) * (left**2).sum() / 2
    slopes = torch.autograd.grad(loss, moved)
    deep.descend(weights, inputs, targets, 0.1, 1)
    for weight, before, slope in zip(weights, moved, slopes, strict=True):
        torch.testing.assert_close(weight, before.detach() - 0.1 * slope)


def test_words_are_heard_as_often_as_they_occur():
    """Against softmax over the tokens of a sequence, written out."""
    setting = tokens.settings("smoke")[0]
    rng = np.random.default_rng(1)
    counts, _ = setting.training(rng)
    assert (counts.sum(axis=1) == setting.length).all()
    shape = (2, setting.classes, setting.neurons, setting.words)
    responses = torch.from_numpy(rng.normal(size=shape))
    scores = torch.from_numpy(rng.normal(size=(2, setting.words)))
    found = attention.outputs(setting, responses, scores, torch.from_numpy(counts).double())
    sequence = np.repeat(np.arange(setting.words), counts[3])
    weight = torch.softmax(scores[1, sequence], dim=0)
    z = responses[1][..., sequence]
    said = torch.where(z > 1, z - 0.75, z.clamp(min=0) ** 4 / 4).sum(dim=1)
    torch.testing.assert_close(found[1, 3], setting.length * (said * weight).sum(dim=1))


def test_who_knows_no_word_of_a_class_puts_nothing_right():
    setting = tokens.settings("smoke")[0]
    asked, labels = setting.view_only()
    pairs = setting.classes * setting.views
    assert len(asked) == len(labels) == pairs * (setting.classes - 1)
    assert (asked.sum(axis=1) == setting.repeated + setting.views).all()
    known = np.zeros((1, setting.classes, 1, setting.words), np.float32)
    for k in range(setting.classes):
        known[0, k, 0, k * setting.views] = 2
    scores = torch.zeros((1, setting.words))
    answers = attention.outputs(
        setting, torch.from_numpy(known), scores, torch.from_numpy(asked).float()
    )
    right = (answers[0].argmax(dim=1).numpy() == labels).reshape(pairs, -1)
    assert right.mean(axis=1).tolist() == [1.0, 0.0] * setting.classes
