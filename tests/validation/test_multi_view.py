"""The data are what the theory assumes."""

import numpy as np
import pytest

from validation.data import MULTI_VIEW, MultiViewData

DATA = MultiViewData(classes=6, views=3, dimension=78, single_view_fraction=0.06)


@pytest.fixture
def samples():
    return DATA.sample(600, np.random.default_rng(3))


def test_a_multi_view_sample_shows_every_view_of_its_class_in_its_own_patch(samples):
    multi = samples.shown == MULTI_VIEW
    for view in range(DATA.views):
        own = samples.labels * DATA.views + view
        values = samples.patches[np.arange(600), view, own]
        np.testing.assert_allclose(values, samples.coefficients[:, view], rtol=1e-6)
        assert ((values[multi] >= 1.5) & (values[multi] <= 2)).all()
        others = samples.patches[:, view, : DATA.features].copy()
        others[np.arange(600), own] = 0
        assert not others.any()


def test_single_view_samples_show_each_pair_equally_often(samples):
    single = samples.shown != MULTI_VIEW
    assert single.sum() == 36
    pairs = samples.labels[single] * DATA.views + samples.shown[single]
    np.testing.assert_array_equal(np.bincount(pairs), np.full(DATA.features, 2))
    assert (samples.coefficients[single].sum(axis=1) == 1).all()


def test_distractors_are_other_classes_and_come_one_by_one(samples):
    slots = samples.patches[:, DATA.views : DATA.views + DATA.distractors, : DATA.features]
    assert ((slots > 0).sum(axis=2) == 1).all()
    label = slots.argmax(axis=2) // DATA.views
    assert (label != samples.labels[:, None]).all()
    # All (class, view) pairs occur: 1200 draws on 18 pairs miss one with probability 2e-29.
    assert len(np.unique(slots.argmax(axis=2))) == DATA.features


def test_noise_is_orthogonal_to_the_features_and_has_the_stated_norms(samples):
    background = samples.patches[:, -1]
    assert not background[:, : DATA.features].any()
    noise = samples.patches[..., DATA.features :]
    squared = (noise.astype(float) ** 2).sum(axis=-1).mean(axis=0)
    expected = np.full(DATA.patches, DATA.feature_noise**2)
    expected[-1] = DATA.background_noise**2
    # Relative deviation of a mean of 600 chi-squares with 60 degrees: sqrt(2/36000) = .0075.
    np.testing.assert_allclose(squared, expected, rtol=5 * 0.0075)


def test_decoys_show_every_other_class_faintly_beside_one_view():
    samples = DATA.with_decoys(0.2)
    features = samples.patches[..., : DATA.features].sum(axis=1).reshape(-1, 6, 3)
    assert len(features) == 6 * 3 * 5
    assert not samples.patches[..., DATA.features :].any()
    # In order of (class, view): one view of the label, then all of one other class.
    np.testing.assert_array_equal(samples.labels, np.repeat(np.arange(6), 15))
    np.testing.assert_array_equal(samples.shown, np.tile(np.repeat(np.arange(3), 5), 6))
    place = np.arange(len(features))
    own = features[place, samples.labels]
    np.testing.assert_array_equal(own, np.eye(3)[samples.shown])
    features[place, samples.labels] = 0
    np.testing.assert_allclose(features.sum(axis=(1, 2)), 0.6, rtol=1e-6)
    others = features.max(axis=2).argmax(axis=1).reshape(18, 5)
    for label, row in zip(np.repeat(np.arange(6), 3), others, strict=True):
        assert sorted([label, *row]) == list(range(6))


def test_view_only_samples_show_one_view_and_no_distractor():
    samples = DATA.view_only(4, np.random.default_rng(0))
    features = samples.patches[..., : DATA.features]
    assert ((features != 0).sum(axis=(1, 2)) == 1).all()
    np.testing.assert_array_equal(features.sum(axis=1).argmax(axis=1), np.repeat(np.arange(18), 4))
    np.testing.assert_array_equal(samples.labels, np.repeat(np.arange(6), 12))


def test_drives_are_the_mean_powers_of_the_multi_view_samples(samples):
    drives = samples.drives(DATA.classes, power=4)
    chosen = (samples.labels == 2) & (samples.shown == MULTI_VIEW)
    np.testing.assert_allclose(drives[2], (samples.coefficients[chosen] ** 4).mean(axis=0))
    assert MultiViewData(6, 3, 78, strength=(1.0, 2.0)).mean_power(4) == pytest.approx(31 / 5)
    assert MultiViewData(6, 3, 78, strength=(1.5, 1.5)).mean_power(2) == 2.25


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dimension": 18}, "dimension=18 leaves no room"),
        ({"classes": 1}, "at least 2 classes"),
        ({"single_view_fraction": 1.5}, "single_view_fraction=1.5 is not in"),
        ({"single_view_fraction": float("nan")}, "single_view_fraction=nan"),
    ],
)
def test_impossible_data_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        MultiViewData(**({"classes": 6, "views": 3, "dimension": 78} | change))


def test_views_of_a_class_have_the_cosine_asked_for():
    data = MultiViewData(classes=3, views=3, dimension=40, cosine=0.4)
    flat = data.vectors.reshape(9, -1)
    gram = np.kron(np.eye(3), np.full((3, 3), 0.4) + 0.6 * np.eye(3))
    np.testing.assert_allclose(flat @ flat.T, gram, atol=1e-6)  # rounding of float32
    shown = data.view_only(1, np.random.default_rng(0))
    np.testing.assert_allclose(
        np.einsum("nd,nd->n", shown.patches[np.arange(9), shown.shown], flat), 1, atol=1e-6
    )


def test_scales_change_the_strength_of_views_in_multi_view_samples_alone():
    data = MultiViewData(classes=3, views=2, dimension=20, scales=(1.0, 2.0))
    samples = data.sample(4000, np.random.default_rng(0))
    multi = samples.shown == MULTI_VIEW
    low, high = data.strength
    assert samples.coefficients[multi, 0].max() <= high < samples.coefficients[multi, 1].max()
    # A quotient of two means of 3840 uniform numbers: five standard deviations.
    ratio = samples.coefficients[multi, 1].mean() / samples.coefficients[multi, 0].mean()
    width = (high - low) / 12**0.5 / (high + low) * 2
    assert ratio == pytest.approx(2, abs=5 * 2 * width * (2 / multi.sum()) ** 0.5)
    assert samples.coefficients[~multi].max() == 1


@pytest.mark.parametrize(
    "given", [{"scales": (1.0,)}, {"scales": (1.0, -1.0)}, {"cosine": 1.0}, {"cosine": -0.1}]
)
def test_impossible_views_are_refused(given):
    (name,) = given
    with pytest.raises(ValueError, match=f"{name}=.*not allowed"):
        MultiViewData(classes=3, views=2, dimension=40, **given)
