"""Drawn figures of which the outline, the texture and the colour each decide the class."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from validation.data.images import Images, ImageSet

Array = NDArray[np.float64]
VIEWS = ("outline", "texture", "colour")
CLASSES, LARGEST = 10, 128
FINE = 4
"""Points in each direction whose mean is a pixel, so that edges of figures are smooth."""
POINTS = 2**18
"""At once: those of many small figures, which stay in the cache."""
CONTRAST, SATURATION = 0.3, 0.5
"""Of the brightness of a figure: how far its texture moves it, and its colour each channel."""

OUTLINES: dict[str, Callable[[Array, Array], NDArray[np.bool_]]] = {
    "disc": lambda x, y: np.hypot(x, y) < 0.95,
    "square": lambda x, y: np.maximum(abs(x), abs(y)) < 0.85,
    "triangle": lambda x, y: (abs(x) < (y + 0.95) / 2) & (y < 0.95),
    "cross": lambda x, y: (np.minimum(abs(x), abs(y)) < 0.3) & (np.maximum(abs(x), abs(y)) < 0.95),
    "ring": lambda x, y: abs(np.hypot(x, y) - 0.75) < 0.25,
    "bar": lambda x, y: (abs(x) < 0.95) & (abs(y) < 0.4),
    "diagonal cross": lambda x, y: (
        (abs(abs(x) - abs(y)) < 0.4) & (np.maximum(abs(x), abs(y)) < 0.9)
    ),
    "column": lambda x, y: (abs(y) < 0.95) & (abs(x) < 0.4),
    "inverted triangle": lambda x, y: (abs(x) < (0.95 - y) / 2) & (y > -0.95),
    "diamond": lambda x, y: abs(x) + abs(y) < 1,
}
"""Whether points belong to the figure; x to the right and y downwards, each from -1 to 1."""
WAVES = (
    ((0, 1 / 3),), ((1 / 3, 0),), ((1 / 5, 1 / 5),), ((1 / 5, -1 / 5),), ((1 / 4, 0), (0, 1 / 4)),
    ((0, 1 / 7),), ((1 / 7, 0),), ((0.1, 0.1),), ((0.1, -0.1),), ((1 / 7, 0), (0, 1 / 7)),
)  # fmt: skip
"""Of each texture: waves by their cycles a pixel in x and y, of which it is the product."""


@dataclass(frozen=True)
class Drawings:
    """Images with what is known about how they were made.

    Attributes
    ----------
    images : Images
    shown : bool array, shape (images, 3)
        Whether each shows the outline, the texture, the colour of its class.
    """

    images: Images
    shown: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class DrawnFigures:
    """Images of one figure each, with three views: any one of them alone decides the class.

    A class has an outline, a texture and a colour of its own. An image shows each of these with
    its own probability, independently. What it does not show is neutral, and the same for all
    classes: without an outline the figure fills the image, without a texture it is even, without a
    colour it is grey. An image that would show nothing shows one view, drawn in proportion to
    `presence`; at (0.7, 0.7, 0.7) these are 2.7 % of all. Place, size, brightness and phase of the
    texture vary freely, and so does the dark background; so no single pixel tells much.

    The mean over the three channels is the same whatever the colour.

    Parameters
    ----------
    classes : int
        K, from 2 to 10.
    presence : three floats
        Probabilities that an image shows the outline, the texture, the colour; in [0, 1], not all
        of them 0.
    size : int
        Height and width in pixels, from 12, where textures can just be told apart, to 128.
    noise : float
        Deviation of every channel of every pixel, in parts of full brightness, in [0, 1]. By
        comparison with clean figures each view tells ten classes at 16 pixels without fault up to
        0.1, and with one or two faults in 1000 at 0.2.

    Examples
    --------
    >>> problem = DrawnFigures(classes=4, presence=(0.5, 0.5, 1.0))
    >>> drawn = problem.sample(8, np.random.default_rng(0))
    >>> drawn.images.pixels.shape, drawn.images.labels
    ((8, 16, 16, 3), array([0, 1, 2, 3, 0, 1, 2, 3]))
    >>> drawn.shown[:, 2].all()
    np.True_
    >>> problem.draw(training=100, test=40, seed=1).test.pixels.shape
    (40, 16, 16, 3)
    """

    classes: int = CLASSES
    presence: tuple[float, float, float] = (0.7, 0.7, 0.7)
    size: int = 16
    noise: float = 0.1

    def __post_init__(self) -> None:
        for name, low, high in (("classes", 2, CLASSES), ("size", 12, LARGEST)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ValueError(f"{name}={value!r} is not allowed (a whole number from {low} to "
                                 f"{high}); choose one in this range")  # fmt: skip
        shares = self.presence
        if len(shares) != len(VIEWS) or not all(0 <= p <= 1 for p in shares) or not any(shares):
            raise ValueError(f"presence={shares} is not allowed (three probabilities in [0, 1], "
                             f"of {', '.join(VIEWS)}, not all 0); give one for each view"
                             )  # fmt: skip
        if not 0 <= self.noise <= 1:
            raise ValueError(f"noise={self.noise} is not in [0, 1], the range of brightness; "
                             "choose one in this range")  # fmt: skip

    def draw(self, training: int, test: int, seed: int) -> ImageSet:
        """So many images to train on and to test with; the same ones at the same seed."""
        parts = [
            self.sample(count, np.random.default_rng([seed, part])).images
            for part, count in enumerate((training, test))
        ]
        return ImageSet(
            name="drawn figures", training=parts[0], test=parts[1],
            classes=tuple(OUTLINES)[: self.classes],
        )  # fmt: skip

    def sample(self, count: int, rng: np.random.Generator) -> Drawings:
        """Draw `count` images, their classes as evenly as they go."""
        labels = np.arange(count) % self.classes
        shown = rng.random((count, len(VIEWS))) < self.presence
        weights = np.array(self.presence) / sum(self.presence)
        only = rng.choice(len(VIEWS), size=count, p=weights)
        shown |= ~shown.any(axis=1, keepdims=True) & (only[:, None] == np.arange(len(VIEWS)))
        return self._drawn(labels, shown, rng)

    def view_only(self, view: int, count: int, rng: np.random.Generator) -> Drawings:
        """Draw `count` images that show this view of `VIEWS` alone: whether a network knows it."""
        if view not in range(len(VIEWS)):
            raise ValueError(f"view={view!r} is not allowed (0, 1 or 2 for {', '.join(VIEWS)}); "
                             "choose one of these")  # fmt: skip
        shown = np.tile(np.arange(len(VIEWS)) == view, (count, 1))
        return self._drawn(np.arange(count) % self.classes, shown, rng)

    def _drawn(
        self, labels: NDArray[np.int64], shown: NDArray[np.bool_], rng: np.random.Generator
    ) -> Drawings:
        """Everything random is drawn for every image, whatever it shows."""
        count, size = len(labels), self.size
        radius = size * rng.uniform(0.36, 0.46, count)
        middle = size / 2 + (size / 2 - radius) * rng.uniform(-1, 1, (2, count))
        figure, ground = rng.uniform(0.35, 0.5, count), rng.uniform(0.05, 0.2, count)
        phases = rng.uniform(0, 2 * np.pi, (2, count))
        noise = self.noise * rng.standard_normal((count, size, size, 3))
        pixels = np.empty((count, size, size, 3), np.uint8)
        at_once = max(1, POINTS // (size * FINE) ** 2)
        for label in range(self.classes):
            of_class = np.flatnonzero(labels == label)
            for own in (of_class[n : n + at_once] for n in range(0, len(of_class), at_once)):
                cover, wave = np.ones((len(own), size, size)), np.zeros((len(own), size, size))
                outline, texture, colour = shown[own].T
                chosen = own[outline]
                cover[outline] = _outline(label, size, middle[:, chosen], radius[chosen])
                wave[texture] = _texture(label, size, phases[:, own[texture]])
                tint = np.where(colour[:, None], _colour(label, self.classes), 1)
                bright = (figure[own, None, None] * (1 + CONTRAST * wave))[..., None]
                cover = cover[..., None]
                values = cover * (bright * tint[:, None, None])
                values = values + (1 - cover) * ground[own, None, None, None] + noise[own]
                pixels[own] = np.rint(255 * np.clip(values, 0, 1))
        return Drawings(Images(pixels, labels), shown)


def _outline(label: int, size: int, middles: Array, radii: Array) -> Array:
    """The share of every pixel that figures cover, shape (figures, size, size)."""
    points = (np.arange(size * FINE) + 0.5) / FINE
    x, y = ((points - middle[:, None]) / radii[:, None] for middle in middles)
    inside = list(OUTLINES.values())[label](x[:, None, :], y[:, :, None])
    return inside.reshape(-1, size, FINE, size, FINE).mean(axis=(2, 4))


def _texture(label: int, size: int, phases: Array) -> Array:
    """Brightness about its mean, from -1 to 1, shape (figures, size, size)."""
    y, x = np.mgrid[:size, :size]
    waves = zip(WAVES[label], phases[:, :, None, None], strict=False)  # one wave needs one phase
    return np.prod([np.cos(2 * np.pi * (a * x + b * y) + p) for (a, b), p in waves], axis=0)


def _colour(label: int, classes: int) -> Array:
    """What the channels are multiplied by, of mean 1: hues evenly round the circle."""
    return 1 + SATURATION * np.cos(2 * np.pi * (label / classes - np.arange(3) / 3))
