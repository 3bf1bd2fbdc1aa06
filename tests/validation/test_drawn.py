"""Each view of a drawn figure alone decides its class, and what is not shown says nothing."""

from itertools import product

import numpy as np
import pytest

from validation.data import DrawnFigures
from validation.data.drawn import CLASSES, VIEWS, _colour, _outline, _texture

OUTLINE, TEXTURE, COLOUR = range(len(VIEWS))
FIGURES, CLEAN = DrawnFigures(), DrawnFigures(noise=0.0)
SIZE = FIGURES.size


def decided_by_outline(grey):
    """The class of the figure, of some size at some place, that an image resembles most."""
    found, classes = [], []
    for label, radius in product(range(CLASSES), SIZE * np.array([0.36, 0.41, 0.46])):
        room = SIZE / 2 - radius
        places = SIZE / 2 + np.linspace(-room, room, 1 + int(np.ceil(2 * room)))
        middles = np.array(list(product(places, places))).T
        found.append(_outline(label, SIZE, middles, np.full(places.size**2, radius)))
        classes += places.size**2 * [label]
    return np.array(classes)[(normed(grey) @ normed(np.concatenate(found)).T).argmax(axis=1)]


def decided_by_texture(grey):
    """The class of the waves, whatever their phases, that an image resembles most."""
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, (2, 8))
    waves = [_texture(label, SIZE, phases) for label in range(CLASSES)]
    likeness = normed(spectra(grey)) @ normed(spectra(np.concatenate(waves))).T
    return likeness.argmax(axis=1) // phases.shape[1]


def decided_by_colour(pixels):
    """The class of the hue that an image has in the mean."""
    hues = np.stack([_colour(label, CLASSES) for label in range(CLASSES)])
    return (normed(pixels.mean(axis=(1, 2))) @ normed(hues).T).argmax(axis=1)


def spectra(grey):
    return abs(np.fft.fft2(grey - grey.mean(axis=(1, 2), keepdims=True)))


def normed(values):
    """Rows about their mean, of norm 1."""
    rows = values.reshape(len(values), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("view", range(len(VIEWS)), ids=VIEWS)
def test_each_view_alone_decides_the_class(view):
    drawn = FIGURES.view_only(view, 500, np.random.default_rng(1))
    pixels = drawn.images.pixels.astype(float)
    if view == COLOUR:
        found = decided_by_colour(pixels)
    else:
        decide = decided_by_outline if view == OUTLINE else decided_by_texture
        found = decide(pixels.mean(axis=3))
    np.testing.assert_array_equal(found, drawn.images.labels)
    np.testing.assert_array_equal(drawn.shown, np.tile(np.arange(3) == view, (500, 1)))


def test_what_an_image_does_not_show_says_nothing():
    """The same random numbers with other classes change what is shown, and nothing else."""
    labels, off = np.arange(200) % CLASSES, np.zeros((200, 3), dtype=bool)

    def drawn(shift, shown):
        other = (labels + shift) % CLASSES
        return CLEAN._drawn(other, shown, np.random.default_rng(3)).images.pixels.astype(float)

    empty = drawn(0, off)
    np.testing.assert_array_equal(drawn(3, off), empty)
    assert not np.ptp(empty, axis=(1, 2, 3)).any()
    for view in range(len(VIEWS)):
        shown = off | (np.arange(3) == view)
        one, other = drawn(0, shown), drawn(3, shown)
        assert (one != other).any(axis=(1, 2, 3)).all()
        if view == COLOUR:  # of one brightness, but for the roundings of either to whole numbers
            assert abs(one.mean(axis=3) - empty.mean(axis=3)).max() <= 1
        else:
            assert not np.ptp(one, axis=3).any()


def test_colour_decides_wherever_it_is_shown():
    drawn = CLEAN.sample(1000, np.random.default_rng(4))
    pixels, coloured = drawn.images.pixels.astype(float), drawn.shown[:, COLOUR]
    np.testing.assert_array_equal(
        decided_by_colour(pixels[coloured]), drawn.images.labels[coloured]
    )
    assert not np.ptp(pixels[~coloured], axis=3).any()


def test_views_are_shown_as_often_as_asked_and_one_at_least():
    presence, count = np.array([0.3, 0.6, 0.1]), 20_000
    shown = DrawnFigures(presence=tuple(presence), size=12).sample(
        count, np.random.default_rng(5)
    ).shown  # fmt: skip
    assert shown.any(axis=1).all()
    none = np.prod(1 - presence)
    expected = presence + none * presence / presence.sum()
    # Five deviations of a share of 20,000.
    width = 5 * np.sqrt(expected * (1 - expected) / count)
    assert (abs(shown.mean(axis=0) - expected) < width).all()
    both = shown[:, 0] & shown[:, 1]
    assert both.mean() == pytest.approx(0.18, abs=5 * np.sqrt(0.18 * 0.82 / count))


def test_the_same_seed_draws_the_same_images_and_parts_differ():
    problem = DrawnFigures(classes=4)
    one, two, other = (problem.draw(40, 40, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.training.pixels, two.training.pixels)
    np.testing.assert_array_equal(one.test.pixels, two.test.pixels)
    assert (one.training.pixels != other.training.pixels).any()
    assert (one.training.pixels != one.test.pixels).any()
    assert one.classes == ("disc", "square", "triangle", "cross")
    np.testing.assert_array_equal(np.bincount(one.training.labels), 10)


@pytest.mark.parametrize("size", [12, 28])
def test_sizes(size):
    images = DrawnFigures(size=size).view_only(TEXTURE, 20, np.random.default_rng(0)).images
    assert images.pixels.shape == (20, size, size, 3)
