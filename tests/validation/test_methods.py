"""Other losses and optimisers of patch networks, and starts that are built."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from validation.data import MultiViewData
from validation.experiments.built.setting import built
from validation.experiments.built.training import starts
from validation.experiments.methods.augmentation import made_samples
from validation.experiments.methods.setting import MethodSetting, plain_data
from validation.experiments.methods.training import ring
from validation.training.losses import Correlated, CrossEntropy, SoftLabels, SquaredError, Weighted
from validation.training.networks import initial_weights, logits
from validation.training.patches import train
from validation.training.schedule import Schedule

POWER, CLASSES = 4, 3
pytestmark = pytest.mark.usefixtures("one_thread")


def problem(networks: int, classes: int = CLASSES):
    data = MultiViewData(classes=CLASSES, views=2, dimension=14)
    samples = data.sample(18, np.random.default_rng(0))
    seeds = [np.random.SeedSequence(5, spawn_key=(n,)) for n in range(networks)]
    weights = torch.from_numpy(initial_weights(seeds, (classes, 2, 14), 0.5)).double()
    return weights, torch.from_numpy(samples.patches).double(), torch.from_numpy(samples.labels)


def by_autograd(weights, patches, slopes_of, step):
    """A parameter that is moved by `step` after each slope of the loss."""
    parameter = torch.nn.Parameter(weights.clone())
    optimiser = step([parameter])
    for number in range(6):
        optimiser.zero_grad()
        responses = torch.einsum("spd,ncrd->nspcr", patches, parameter)
        clipped = responses.clamp(0, 1)
        outputs = (clipped**POWER / POWER + (responses - 1).clamp(min=0)).sum(dim=(2, 4))
        slopes_of(outputs, number).backward()
        optimiser.step()
    return parameter.detach()


@pytest.mark.parametrize("loss", ["squared error", "weighted", "in batches", "soft labels"])
def test_losses_have_the_slopes_of_their_definitions(loss):
    weights, patches, labels = problem(2)
    targets = torch.nn.functional.one_hot(labels, CLASSES).double()
    counts = torch.from_numpy(np.random.default_rng(1).poisson(1.0, size=(2, 6, 18))).double()
    if loss == "weighted":
        counts = counts[:, :1]
    soft = torch.from_numpy(np.random.default_rng(2).dirichlet(np.ones(CLASSES), size=18))
    ours = {
        "squared error": SquaredError(),
        "soft labels": SoftLabels(loss=CrossEntropy(), labels=soft.T),
    }.get(loss, Weighted(loss=CrossEntropy(), weights=counts))

    def definition(outputs, number):
        if loss == "squared error":
            return ((outputs - targets) ** 2 / 2).sum() * CLASSES / 18
        if loss == "soft labels":
            return -(soft * torch.log_softmax(outputs, dim=-1)).sum() * CLASSES / 18
        each = torch.nn.functional.cross_entropy(
            outputs.flatten(0, 1), labels.repeat(2), reduction="none"
        )
        now = counts[:, number if loss == "in batches" else 0]
        return (each.view(2, 18) * now).sum() * CLASSES / 18

    trained = weights.clone()
    train(trained, patches, labels, POWER, Schedule(6, 0.1, 6, 0.1), packing=1, loss=ours)
    expected = by_autograd(weights, patches, definition, lambda p: torch.optim.SGD(p, 0.1))
    assert (expected - weights).abs().max() > 0.01
    torch.testing.assert_close(trained, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("penalty", [0.0, 0.5, 1.0])
def test_members_owe_each_other_their_distance_from_the_mean(penalty):
    weights, patches, labels = problem(2, classes=2 * CLASSES)
    targets = torch.nn.functional.one_hot(labels, CLASSES).double()

    def definition(outputs, number):
        members = outputs.unflatten(2, (2, CLASSES))
        mean = members.mean(2, keepdim=True)
        apart = (members - mean.detach()) ** 2
        own = ((members - targets[:, None]) ** 2).sum() / 2
        # The mean held fixed, as its authors do.
        return (own - penalty * apart.sum() / 2) * CLASSES / 18

    trained = weights.clone()
    loss = Correlated(members=2, penalty=penalty)
    train(trained, patches, labels, POWER, Schedule(6, 0.1, 6, 0.1), loss=loss, members=2)
    expected = by_autograd(weights, patches, definition, lambda p: torch.optim.SGD(p, 0.1))
    assert (expected - weights).abs().max() > 0.01
    torch.testing.assert_close(trained, expected, rtol=1e-9, atol=1e-11)


def test_adaptive_steps_are_those_of_adam():
    weights, patches, labels = problem(2)
    trained = weights.clone()
    schedule = Schedule(6, 0.02, 6, 0.02, momentum=0.8, adaptive=0.95)
    train(trained, patches, labels, POWER, schedule)

    def definition(outputs, number):
        return torch.nn.functional.cross_entropy(
            outputs.flatten(0, 1), labels.repeat(2), reduction="sum"
        )

    expected = by_autograd(
        weights, patches, definition,
        lambda p: torch.optim.Adam(p, 0.02, betas=(0.8, 0.95), eps=1e-20),
    )  # fmt: skip
    moved = (expected - weights).abs().max()
    assert moved > 0.05
    # Where a gradient is 0 to rounding its sign is not: few weights, if any.
    assert ((trained - expected).abs() > 1e-6).double().mean() < 0.01


def test_adam_does_not_depend_on_company():
    weights, patches, labels = problem(5)
    schedule = Schedule(4, 0.02, 4, 0.02, momentum=0.8, adaptive=0.95)
    together, alone = weights.float(), weights.float()
    train(together, patches.float(), labels, POWER, schedule, packing=5)
    train(alone, patches.float(), labels, POWER, schedule, packing=1)
    assert torch.equal(together, alone)
    assert not torch.equal(logits(alone, patches.float(), POWER),
                           logits(weights.float(), patches.float(), POWER))  # fmt: skip


def test_soft_labels_do_not_depend_on_company():
    weights, patches, labels = problem(5)
    soft = np.random.default_rng(2).dirichlet(np.ones(CLASSES), size=18).T.astype(np.float32)
    loss = SoftLabels(loss=CrossEntropy(), labels=torch.from_numpy(soft))
    trained = []
    for packing in (5, 2, 1):
        own = weights.float()
        train(own, patches.float(), labels, POWER, Schedule(4, 0.1, 4, 0.1), packing, loss=loss)
        trained.append(own)
    assert not torch.equal(trained[0], weights.float())
    assert torch.equal(trained[0], trained[1])
    assert torch.equal(trained[0], trained[2])


def drawn(setting):
    shape = (setting.networks, setting.data.classes, setting.neurons, setting.data.dimension)
    return setting.deviation * np.random.default_rng(0).standard_normal(shape, np.float32)


def test_starts_are_what_they_are_called():
    own = built("smoke", "own starts", 3, 3, 2)
    independent = drawn(own)
    np.testing.assert_array_equal(starts(own, independent), independent)

    opposite = starts(built("smoke", "opposite starts", 3, 2, 3), independent)
    np.testing.assert_array_equal(opposite[1::2], -opposite[::2])
    np.testing.assert_array_equal(opposite[::2], independent[::2])

    passed = starts(built("smoke", "starts passed on", 3, 3, 2), independent)
    responses = np.einsum("nkrd,kvd->nkrv", passed, own.data.vectors)
    for n in (1, 2, 4, 5):
        np.testing.assert_allclose(responses[n], np.roll(responses[n - n % 3], n % 3, axis=-1))

    orthogonal = starts(built("smoke", "orthogonal starts", 3, 3, 2), independent)
    rows = orthogonal[:3, 1].reshape(-1, own.data.dimension)
    length = own.deviation**2 * own.data.dimension
    np.testing.assert_allclose(rows @ rows.T, length * np.eye(len(rows)), atol=1e-5 * length)
    # No direction is favoured: the first row is the first start, made as long as the mean.
    first = independent[0, 1, 0]
    np.testing.assert_allclose(rows[0], first * length**0.5 / np.linalg.norm(first), rtol=1e-5)


def test_what_members_are_shown_follows_their_number():
    each = built("smoke", "one view each", 3, 3, 1)
    np.testing.assert_array_equal(each.shown(), np.eye(3))
    hidden = replace(each, kind="one view hidden")
    np.testing.assert_array_equal(hidden.shown(), 1 - np.eye(3))
    assert replace(each, kind="own starts").shown() == [[1, 1, 1]] * 3


def test_a_ring_has_every_network_in_as_many_means():
    members = np.arange(12, dtype=np.float32).reshape(6, 2)
    means = ring(members, 4)
    np.testing.assert_allclose(means[4], members[[4, 5, 0, 1]].mean(axis=0))
    np.testing.assert_allclose(means.mean(axis=0), members.mean(axis=0))
    np.testing.assert_array_equal(ring(members, 1), members)


def mixed(made: str, share: float, classes: int = 3):
    data = plain_data(classes, 2)
    setting = MethodSetting(data=data, training_samples=20 * classes, made=made, share=share)
    samples = data.sample(setting.training_samples, np.random.default_rng(3))
    return data, samples, *made_samples(setting, samples, np.random.default_rng(4))


@pytest.mark.parametrize("made", ["midpoints", "masked", "pasted"])
@pytest.mark.parametrize("classes", [2, 3])
def test_samples_are_made_as_is_said_and_in_exact_shares(made, classes):
    data, samples, patches, labels = mixed(made, 0.25, classes)
    own = np.eye(classes)[samples.labels]
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-6)
    answers = patches[:, :2] @ data.vectors.reshape(-1, data.dimension).T
    shown = (answers.reshape(len(labels), 2, classes, 2) > 0).any(axis=3)  # sample, slot, class
    changed = (patches[:, :2] != samples.patches[:, :2]).any(axis=2)
    if made == "midpoints":
        assert changed.all(axis=1).sum() == changed.any(axis=1).sum() == len(labels) / 4
        np.testing.assert_allclose(labels, shown.any(axis=1) / shown.any(axis=1).sum(1)[:, None])
        assert set(shown.any(axis=1).sum(axis=1)) == {1, 2}
        return
    # Of 20 samples of a class: 9/16, 3/16, 3/16 and 1/16, as near as whole numbers come.
    of_class = changed[samples.labels == 1]
    assert [tuple(row) for row in np.unique(of_class, axis=0).astype(int)] == [
        (0, 0), (0, 1), (1, 0), (1, 1)
    ]  # fmt: skip
    counts = np.unique(of_class, axis=0, return_counts=True)[1]
    assert np.abs(counts - 20 * np.array([9, 3, 3, 1]) / 16).max() < 1
    if made == "masked":
        np.testing.assert_array_equal(labels, own)
        np.testing.assert_array_equal(shown.any(axis=2), ~changed)
    else:
        assert (shown.sum(axis=2) == 1).all()
        np.testing.assert_allclose(labels, shown.mean(axis=1))
        assert ((labels * own).sum(axis=1) == 1 - changed.mean(axis=1)).all()


def test_a_share_needs_a_way_to_make_samples():
    with pytest.raises(ValueError, match=r"share=0.5 is not allowed with made='as they are'"):
        MethodSetting(data=plain_data(3, 2), training_samples=30, share=0.5)


def test_midpoints_apart_have_the_patches_of_both():
    _, samples, together, labels = mixed("midpoints", 0.25)
    _, _, apart, same = mixed("midpoints apart", 0.25)
    np.testing.assert_array_equal(same, labels)
    own, added = np.split(apart, 2, axis=1)
    np.testing.assert_allclose(own + added, together, atol=1e-6)
    is_mixed = labels.max(axis=1) < 1
    np.testing.assert_array_equal(own[~is_mixed], samples.patches[~is_mixed])
    np.testing.assert_array_equal(own[is_mixed], samples.patches[is_mixed] / 2)
    assert not added[~is_mixed].any()
    assert (added[is_mixed] != 0).any(axis=(1, 2)).all()
