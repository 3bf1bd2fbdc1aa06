"""Advice as users meet it: what arrays it takes, hard cases, and what it recommends."""

import numpy as np
import pytest
import torch

from mvtheory.ensembles import advise_ensemble
from mvtheory.ensembles.averages import AVERAGES
from mvtheory.ensembles.subsets import SCORES
from tests.ensembles.models import ensembles, scattered


@pytest.fixture(scope="module")
def given():
    labels, _, members = scattered(800, 6, 3, 1.0, seed=21)
    return labels, members.astype(np.float32)


def same(one, other):
    for name in SCORES:
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-12)
    assert str(one) == str(other)


def test_every_way_in_gives_the_same(given, tmp_path):
    labels, members = given
    np.save(tmp_path / "members.npy", members)
    first = advise_ensemble(labels, members)
    same(first, advise_ensemble(labels.tolist(), list(members)))
    same(first, advise_ensemble(torch.from_numpy(labels), torch.from_numpy(members)))
    same(first, advise_ensemble(labels, np.load(tmp_path / "members.npy", mmap_mode="r")))


@pytest.mark.parametrize("average", AVERAGES)
def test_scores_are_in_their_ranges_and_intervals_hold_them(given, average):
    advice = advise_ensemble(*given, average=average, sizes=[1, 2, 3, 4, 7, 50, 1000, np.inf])
    for name, top in zip(SCORES, (1, np.inf, 2, 1), strict=True):
        low, high = advice.intervals[name]
        value = getattr(advice, name)
        assert ((low >= 0) & (low <= value) & (value <= high) & (high <= top)).all()
    assert advice.accuracy[:3] == pytest.approx(advice.subsets.accuracy, abs=0)
    assert (np.diff(advice.accuracy[3:]) > -1e-3).all()


def test_the_brier_score_is_predicted():
    """Of fresh ensembles of 20, within four standard errors, and not without the law."""
    labels, mean, members = scattered(3000, 8, 3, 1.2, seed=22)
    advice = advise_ensemble(labels, members, sizes=[20])
    said = ensembles(mean, 1.2, 20, 30, seed=3)
    truth = ((said - np.eye(8)[labels]) ** 2).sum(axis=2).mean()
    error = advice.curve.errors.members["brier"]
    assert abs(advice.brier[0] - truth) < 4 * error
    assert abs(advice.subsets.brier[-1] - truth) > 4 * error


def test_new_samples_are_less_certain(given):
    here, new = (advise_ensemble(*given, new_samples=new) for new in (False, True))
    assert (new.high - new.low > here.high - here.low).all()
    assert "samples" in new.narrower


def test_a_cost_makes_ensembles_smaller(given):
    sizes = [advise_ensemble(*given, cost=cost).size for cost in (0.0, 1e-3, 1e-2, 1.0)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1 < sizes[1]
    advice = advise_ensemble(*given)
    assert advice.smallest(0.5) == 1
    assert advice.smallest(-1.0) is None


@pytest.mark.parametrize(("samples", "classes"), [(50, 2), (12, 12), (30, 1000), (1, 3), (2, 2)])
def test_few_samples_and_many_classes(samples, classes):
    labels, _, members = scattered(samples, classes, 2, 1.0, seed=samples)
    labels = np.arange(samples) % classes if samples == classes else labels
    advice = advise_ensemble(labels, members)
    assert np.isfinite([*advice.accuracy, *advice.log_loss, *advice.low, *advice.high]).all()
    assert str(advice)


def test_members_that_all_know_everything():
    labels = np.arange(60) % 3
    members = 9 * np.eye(3)[labels] + np.random.default_rng(0).normal(size=(2, 60, 3))
    advice = advise_ensemble(labels, members)
    assert (advice.accuracy == 1).all()
    assert advice.size == 1
    assert advice.doubts
    assert advice.worth_distilling == "no"


def test_absent_classes_count_for_nothing(given):
    labels, members = given
    wide = np.full((*members.shape[:2], 9), -np.inf, dtype=np.float32)
    wide[:, :, :6] = members
    same(advise_ensemble(labels, members), advise_ensemble(labels, wide))


def test_a_lottery_saturates_geometrically():
    """Of 40 classes with 3 views, all samples single: 1 - (2/3)^N, but for guesses (1/40)."""
    rng = np.random.default_rng(1)
    labels, shown = np.arange(4000) % 40, rng.integers(3, size=4000)
    known = rng.integers(3, size=(3, 40))[:, labels] == shown
    members = rng.normal(size=(3, 4000, 40)) + 12 * known[..., None] * np.eye(40)[labels]
    advice = advise_ensemble(labels, members, sizes=[10, np.inf])
    assert advice.kind.name == "lottery"
    assert advice.worth_distilling == "yes"
    # A class's luck has a deviation of about 1/2; log(1 - A) of three, continued to ten, has three
    # times that of 40 classes.
    assert advice.low[0] <= 1 - (2 / 3) ** 10 <= advice.high[0]
    assert advice.accuracy[1] == 1
