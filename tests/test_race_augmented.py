"""The law of samples that are made of others, beside the descent of reduced networks on them."""

from dataclasses import replace

import numpy as np
import pytest

from mvtheory.race import Setting, augmented_coverage, descend

SETTING = Setting(
    views=2, classes=3, neurons=4, power=4, deviation=0.05, samples=60, stages=((300, 2.0),),
    background_noise=0.0, strength=(1.5, 2.0),
)  # fmt: skip
WIDE = replace(SETTING, strength=(0.8, 2.2), stages=((600, 2.0),))
NETWORKS = 150
ABSOLUTE = 0.06
"""The margin of the claims, for classes wait for each other, which the law leaves out; less three
standard errors of the mean over so many classes, .012 at most."""


def batch(made: str, share: float, setting: Setting, rng: np.random.Generator):
    """Coefficients of the views of each class, shape (samples, classes, views), and labels."""
    classes, count = setting.classes, 10 * setting.classes
    own = np.arange(count) % classes
    other = (own + rng.integers(1, classes, size=count)) % classes
    z = rng.uniform(*setting.strength, size=(2, count, 2))
    shown, labels = np.zeros((count, classes, 2)), np.zeros((count, classes))
    every = np.arange(count)
    if made == "midpoints":
        mixed = rng.random(count) < share
        shown[every, own] = z[0] * np.where(mixed, 0.5, 1.0)[:, None]
        shown[every, other] = z[1] * np.where(mixed, 0.5, 0.0)[:, None]
        labels[every, own], labels[every, other] = 1 - mixed / 2, mixed / 2
        return shown, labels
    gone = rng.random((count, 2)) < share
    shown[every, own] = z[0] * ~gone
    shown[every, other] = z[1] * (gone & (made == "pasted"))
    labels[every, own] = 1 - gone.mean(axis=1) * (made == "pasted")
    labels[every, other] = 1 - labels[every, own]
    return shown, labels


def trained(made: str, share: float, setting: Setting) -> float:
    """Share of the views that networks know which see new samples in every step."""
    rng = np.random.default_rng(5)
    shape = NETWORKS, 1, setting.classes, setting.neurons, 2
    x = setting.deviation * rng.standard_normal(shape)
    ((steps, rate, _),) = setting.stages
    for _ in range(steps):
        shown, labels = batch(made, share, setting, rng)
        z = shown[:, :, None]
        response = np.maximum(z * x, 0)
        below = np.minimum(response, 1)
        outputs = (below**4 / 4 + response - below).sum(axis=(3, 4))
        answers = np.exp(outputs - outputs.max(axis=2, keepdims=True))
        residuals = labels - answers / answers.sum(axis=2, keepdims=True)
        moved = (residuals[..., None, None] * z * below**3).mean(axis=1, keepdims=True)
        x += rate * setting.classes * moved
    return float((x.max(axis=3) > 1).mean())


@pytest.mark.parametrize(
    ("made", "share", "setting"),
    [("midpoints", 0.4, WIDE), ("masked", 0.3, SETTING), ("pasted", 0.2, SETTING)],
)
def test_the_law_is_what_becomes_of_networks(made, share, setting):
    law = augmented_coverage(setting, made, share)
    without = augmented_coverage(setting, made, 0.0)
    assert law - without > ABSOLUTE  # else there is nothing to be seen
    assert law == pytest.approx(trained(made, share, setting), abs=ABSOLUTE)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.4])
def test_masked_views_are_views_that_are_not_present(share):
    setting = replace(SETTING, neurons=6, deviation=0.02, stages=((600, 2.0),))
    present = descend(replace(setting, presence=1 - share), draws=1500)
    learned = (present.strengths[-1] > 1).mean()
    error = 4 * 0.25 / 1500**0.5
    assert augmented_coverage(setting, "masked", share) == pytest.approx(learned, abs=error)


def test_what_follows_without_any_race():
    whole = [augmented_coverage(SETTING, made, 0.0) for made in ("midpoints", "masked", "pasted")]
    assert whole == pytest.approx([whole[0]] * 3, abs=1e-6)
    # Who owns a sample and who is pasted into it is a matter of words.
    one, other = (augmented_coverage(SETTING, "pasted", p) for p in (0.2, 0.8))
    assert one == pytest.approx(other, abs=1e-6)
    assert augmented_coverage(SETTING, "pasted", 1.0) == pytest.approx(whole[0], abs=1e-6)
    assert augmented_coverage(SETTING, "masked", 1.0) == 0
    two = replace(SETTING, classes=2)
    assert augmented_coverage(two, "midpoints", 1.0) == 0


def test_what_is_not_allowed_is_said():
    with pytest.raises(ValueError, match="made='mixed' is not known"):
        augmented_coverage(SETTING, "mixed", 0.1)
    with pytest.raises(ValueError, match="share="):
        augmented_coverage(SETTING, "masked", 1.1)
    with pytest.raises(ValueError, match="views="):
        augmented_coverage(replace(SETTING, views=3), "masked", 0.1)
    with pytest.raises(ValueError, match="power="):
        augmented_coverage(replace(SETTING, power=2), "masked", 0.1)
