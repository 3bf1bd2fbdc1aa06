"""Networks on parts and averages of channels: what they see, how they score, and the claim."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from validation.claims.image_channels import IMAGE_CHANNELS, expect
from validation.experiments import measure, restore
from validation.experiments.image_channels import setting as image_channels
from validation.experiments.image_channels import training
from validation.networks.architecture import Architecture
from validation.networks.functions import features, forward, initial
from validation.testing import check_claim, train
from validation.trial.claim import Sample
from validation.trial.design import LEAST, design
from validation.trial.verdict import p_inside, p_outside

(SMOKE,) = image_channels.settings("smoke")
(QUICK,) = image_channels.settings("quick")

pytestmark = pytest.mark.usefixtures("one_thread")


def network(kind, size=9, count=1):
    seeds = np.random.SeedSequence(4).spawn(count)
    asked = Architecture(kind=kind, width=2, channels=3, size=size, classes=4)
    return initial(asked, seeds)


def images(count, size=9):
    drawn = np.random.default_rng(2).standard_normal((count, 3, size, size), np.float32)
    return torch.from_numpy(drawn)


@pytest.mark.parametrize("size", [9, 16])
@pytest.mark.parametrize("kind", ["cnn", "resnet-8", "resnet-14"])
def test_stages_hand_on_what_the_architecture_says(kind, size):
    stack = network(kind, size, count=2)
    for stages in (1, 2, 3):
        channels, side = stack.architecture.map_after(stages)
        found = features(stack, images(5, size), stages)
        assert found.shape == (5, 2 * channels, side, side)


@pytest.mark.parametrize("kind", ["cnn", "resnet-14"])
def test_the_last_stage_is_what_the_linear_layer_sees(kind):
    stack = network(kind)
    means = features(stack, images(5), 3).mean(dim=(2, 3))
    weight, bias = stack.parameters["linear.weight"][0], stack.parameters["linear.bias"][0]
    torch.testing.assert_close(forward(stack, images(5), False)[0], means @ weight.T + bias)


def test_the_second_stage_begins_with_the_first():
    """A network cut after its first stage sees and says the same there."""
    stack = network("cnn", 16)
    first = features(stack, images(3, 16), 1)
    weight = stack.parameters["stage1.weight"][0]
    # As at the start, batch norm takes nothing off and divides by sqrt(1 + 1e-5).
    own = torch.relu(torch.conv2d(first, weight, padding=1)) / (1 + 1e-5) ** 0.5
    torch.testing.assert_close(features(stack, images(3, 16), 2), torch.max_pool2d(own, 2))


def test_parts_are_a_division():
    parts = training.mixtures("split", 12, 4, np.random.default_rng(1))
    assert [part.shape for part in parts] == [(3, 12)] * 4
    np.testing.assert_array_equal(sum(part.sum(axis=0) for part in parts), np.ones(12))
    assert all(set(part.ravel()) == {0, 1} for part in parts)
    assert not np.array_equal(np.concatenate(parts), np.eye(12))


def test_averages_take_every_channel_once_in_each_way():
    ways = training.mixtures("averaged", 12, 4, np.random.default_rng(1))
    assert [way.shape for way in ways] == [(3, 12)] * 4
    for way in ways:
        np.testing.assert_array_equal((way > 0).sum(axis=0), np.ones(12))
        np.testing.assert_allclose(way.sum(axis=1), 1)
        assert set(way.ravel()) == {0, 0.25}
    assert not np.array_equal(ways[0], ways[1])


def test_channels_are_standardised_by_what_is_known():
    stack = network("resnet-8")
    stack.parameters["stage0.block0.second.scale"][0, 0] = 0
    stack.parameters["start.scale"][0, 0] = 0
    known, asked = training.channels(stack, 1, images(7), 3 * images(4))
    plain = [features(stack, own, 1)[:, 1] for own in (images(7), 3 * images(4))]
    for found, own in zip((known, asked), plain, strict=True):
        expected = (own - plain[0].mean()) / plain[0].std()
        torch.testing.assert_close(found[:, 1], expected, rtol=1e-4, atol=1e-5)
        # This one is 0 everywhere.
        assert not found[:, 0].any()


def test_what_is_seen_is_the_mixture():
    values = images(4)
    matrix = torch.tensor([[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])
    seen = training.mix(matrix, values)
    torch.testing.assert_close(seen[:, 0], (values[:, 0] + values[:, 2]) / 2)
    torch.testing.assert_close(seen[:, 1], values[:, 1])


def test_scores_by_hand():
    """Two parts of two networks; on the second sample each part's networks disagree."""
    sure, unsure = 4.0, 1.0
    logits = np.zeros((2, 2, 2, 3), np.float32)
    labels = np.array([0, 1])
    logits[:, :, 0, 0] = sure
    logits[0, 0, 1, 1] = sure
    logits[0, 1, 1, 2] = unsure
    logits[1, 0, 1, 1] = unsure
    logits[1, 1, 1, 2] = 2 * unsure
    # Alone: 1, 1/2, 1, 1/2. The first part is right together, the second is not; all four are.
    assert training.scores(logits, labels) == {"one": 0.75, "same": 0.75, "ensemble": 1.0}


def test_replicates_are_their_seed_and_number():
    assert measure(SMOKE, 3, 1) == measure(SMOKE, 3, 1)
    assert measure(SMOKE, 3, 1) != measure(SMOKE, 3, 2) != measure(SMOKE, 4, 2)
    rows = measure(SMOKE, 3, 1)["channels"]
    assert [(row["kind"], row["parts"]) for row in rows] == [
        ("all", 1), ("split", 2), ("averaged", 2),
    ]  # fmt: skip
    # Two networks in all: one on each part, and both on all channels.
    assert rows[0]["same"] == rows[0]["ensemble"]
    assert rows[1]["same"] == rows[1]["one"]
    assert restore(SMOKE.describe()) == SMOKE


def test_networks_are_counted():
    assert (SMOKE.networks, QUICK.networks) == (7, 21)
    assert QUICK.shortened(16).epochs == 2
    assert QUICK.shortened(3).steps == 3
    with pytest.raises(ValueError, match="a divisor of members=2"):
        replace(SMOKE, parts=(4,))
    with pytest.raises(ValueError, match="a divisor of channels=3"):
        replace(SMOKE, width=3)


def test_the_claim_keeps_its_contract():
    check_claim(IMAGE_CHANNELS)


def test_observed_by_hand():
    measured = train(SMOKE)
    table = measured.tables["channels"]
    for kind, one, ensemble in (("all", 0.6, 0.7), ("split", 0.5, 0.65), ("averaged", 0.5, 0.62)):
        table.loc[table["kind"] == kind, ["one", "ensemble"]] = one, ensemble
    means = [sample.mean for sample in IMAGE_CHANNELS.observe(measured)]
    # A tenth of a half is lost; .15 is gained in place of .1, and .12 on averages.
    np.testing.assert_allclose(means, [0.2, 0.05 - 0.02, -0.03], rtol=1e-9)


def decided(truth=lambda e: e.expected, level=0.01):
    """Of 60 replicates that differ by the planned spread: +1 inside the range, -1 outside, or 0."""
    found = {}
    for e in expect(QUICK):
        sample = Sample.of(truth(e) + e.spread * np.linspace(-1.5, 1.5, 60))
        inside, outside = p_inside(sample, e) <= level, p_outside(sample, e) <= level
        found.setdefault(e.panel, set()).add(int(inside) - int(outside))
    return found


@pytest.mark.parametrize("wrong", IMAGE_CHANNELS.wrong, ids=lambda wrong: wrong.words)
def test_each_wrong_rule_is_refused(wrong):
    """In one panel, and in none of the others."""
    assert all(found == {1} for found in decided().values())
    refused = [
        panel for panel, found in decided(lambda e: wrong.truth(e, 0)).items() if -1 in found
    ]
    assert len(refused) == 1


def test_few_replicates_decide_the_claim():
    """By the plan of a quick run of this claim alone."""
    looks = design({"image-channels": expect(QUICK)}, 0.9).looks["image-channels"]
    assert LEAST <= looks[0] <= 9
