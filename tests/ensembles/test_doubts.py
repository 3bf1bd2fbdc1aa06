"""Members that are no draws of one kind are told, and sound ones are left in peace."""

import numpy as np
import pytest

from mvtheory.ensembles.members import check_members
from tests.ensembles.models import doubts_of, scattered


def found(labels, members):
    return doubts_of(check_members(labels, members))


@pytest.fixture
def sound():
    labels, _, members = scattered(2000, 6, 3, 1.0, seed=3)
    return labels, members


def test_sound_members_are_left_in_peace():
    """30 groups of three: a difference of four standard errors comes once in 170 such runs."""
    assert not any(
        found(*(scattered(500, 5, 3, 1.0, seed=seed)[i] for i in (0, 2))) for seed in range(30)
    )


def test_the_same_member_twice(sound):
    labels, members = sound
    twice = np.concatenate([members, members[:1] * (1 + 1e-9)])
    (doubt,) = found(labels, twice)
    assert doubt.startswith("members[0] and members[3] put out the same")


def test_shuffled_rows(sound):
    labels, members = sound
    members[1] = members[1, np.random.default_rng(0).permutation(len(labels))]
    (doubt,) = found(labels, members)
    assert doubt.startswith("members[1] is no better than")
    assert "same order" in doubt


def test_labels_of_other_samples(sound):
    labels, members = sound
    (doubt,) = found(np.random.default_rng(0).permutation(labels), members)
    assert doubt.startswith("no member is better than")


def test_a_member_of_another_kind(sound):
    labels, members = sound
    members[2] += 2 * np.random.default_rng(0).normal(size=members[2].shape)
    doubts = found(labels, members)
    assert any(doubt.startswith("members[2] has accuracy") for doubt in doubts)


def test_samples_that_were_trained_on():
    labels = np.arange(40) % 4
    members = 9 * np.eye(4)[labels] + np.random.default_rng(0).normal(size=(2, 40, 4))
    (doubt,) = found(labels, members)
    assert "trained on these samples" in doubt
