"""Graphs of views and what message passing makes of them, against what they are by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from validation.claims.graph_views import GRAPH_VIEWS
from validation.experiments import measure
from validation.experiments.graphs import setting as graphs
from validation.experiments.graphs import training
from validation.training.networks import logits
from validation.trial.claim import Measured

pytestmark = pytest.mark.usefixtures("one_thread")
SETTING = graphs.settings("smoke")[0]


def test_nodes_are_averaged_with_the_neighbours_of_their_part():
    # All or none are joined, so that every share is known.
    setting = replace(SETTING, within=(1.0, 0.0), between=1.0, carriers=2, plain=3)
    mixed = setting.graphs(np.array([[2.0, 3.0]]), np.random.default_rng(0))
    first, second = mixed[0, :5], mixed[0, 5:]
    np.testing.assert_allclose(first, [[2 * 2 / 5, 0]] * 5)
    carriers, plain = [[0, 3 / 4]] * 2, [[0, 3 * 2 / 5]] * 3
    np.testing.assert_allclose(second, carriers + plain)


def test_strengths_are_those_of_the_graphs_drawn():
    setting = replace(graphs.settings("quick")[-1], samples=1500)
    drawn, labels = setting.training(np.random.default_rng(3))
    found = training.shown(setting, drawn, labels)
    assert found.shape == (setting.classes, 2)
    every = (drawn**setting.power).sum(axis=1).reshape(-1, setting.classes, 2)
    error = every[labels == 0, 0].std(axis=0) / 1500**0.5
    for of_class in found:
        assert (np.abs(of_class - setting.strengths(setting.power)) < 4 * error).all()
    first, second = setting.odds()
    assert first > 0.6 > 0.4 > second  # its carriers are all joined


def test_who_knows_no_view_of_a_class_puts_nothing_right():
    asked, labels = SETTING.view_only(np.random.default_rng(0))
    pairs = SETTING.classes * SETTING.views
    assert len(asked) == len(labels) == pairs * (SETTING.classes - 1)
    known = np.zeros((1, SETTING.classes, 1, pairs), np.float32)
    for k in range(SETTING.classes):
        known[0, k, 0, k * SETTING.views] = 3
    answers = logits(torch.from_numpy(known), torch.from_numpy(asked.astype(np.float32)), 4)
    right = (answers[0].argmax(dim=1).numpy() == labels).reshape(pairs, -1)
    assert right.mean(axis=1).tolist() == [1.0, 0.0] * SETTING.classes


def test_the_first_view_is_counted_among_classes_that_learned_one():
    strengths = np.array([[[2.0, 1.0], [1.0, 2.0], [0.1, 0.0]], [[0.0, 0.0]] * 3])
    learned = strengths.max(axis=2) > 0.5
    assert training.shares_of_first(strengths, learned).tolist() == [0.5, 0.0]


def test_the_luck_of_the_starts_is_taken_out():
    setting = graphs.settings("smoke")[-1]
    rows = [row | {"replicate": 0} for row in measure(setting, 100, 0)["networks"]]
    import pandas as pd

    table = pd.DataFrame(rows).assign(first=0.7, foretold=0.6, odds=0.55)
    (sample,) = GRAPH_VIEWS.observe(Measured(setting, 1, {"networks": table}))
    assert sample.values.tolist() == pytest.approx([0.65])
    assert {0.0, 1.0} >= {row["foretold"] for row in rows} - {1 / 3, 2 / 3}
