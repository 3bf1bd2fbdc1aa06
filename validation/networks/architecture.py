"""What a network for images is made of: its layers, their shapes and what they cost."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

Kind = Literal["perceptron", "cnn", "resnet-8", "resnet-14"]
STAGES = 3
SMALLEST: dict[Kind, int] = {"perceptron": 1, "cnn": 8, "resnet-8": 4, "resnet-14": 4}
"""Height and width of the smallest images: what three poolings or two strides leave a pixel of."""


@dataclass(frozen=True)
class Convolution:
    """A 3x3 convolution without a bias, padded by one pixel, and the batch norm after it.

    `size` is the height and width of what goes in; a stride of 2 leaves half of it, rounded up.
    """

    name: str
    inputs: int
    outputs: int
    stride: int
    size: int


@dataclass(frozen=True)
class Linear:
    """A linear layer with a bias."""

    name: str
    inputs: int
    outputs: int


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A network for square images.

    The residual networks are those for CIFAR of He, Zhang, Ren & Sun (2016), Section 4.2, of 6n + 2
    layers with n = 1 and 2: a convolution; three stages of n blocks of two convolutions, of widths
    w, 2w and 4w, the second and third stage beginning with stride 2; the mean over the image; a
    linear layer. Where a stage begins the shortcut has no parameters, their option A: it takes
    every second pixel, and fills up the new channels with 0. The small convolutional network has
    three convolutions of widths w, 2w and 4w, each with batch norm, ReLU and the maxima of 2x2
    pixels; then the mean over the image and a linear layer. The perceptron has one hidden layer of
    ReLU and no batch norm.

    Parameters
    ----------
    kind : {"perceptron", "cnn", "resnet-8", "resnet-14"}
    width : int
        Channels of the first stage, hidden neurons of the perceptron; >= 1.
    channels : int
        Of the images; >= 1.
    size : int
        Height and width of the images; at least 8 for "cnn", 4 for residual networks.
    classes : int
        >= 2.

    Raises
    ------
    ValueError
        For an argument out of its range.

    Examples
    --------
    >>> small = Architecture(kind="resnet-8", width=16, channels=3, size=32, classes=10)
    >>> len(small.convolutions), small.multiplications
    (7, 12239488)
    """

    kind: Kind
    width: int
    channels: int
    size: int
    classes: int

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind={self.kind!r} is not known; "
                             f"choose one of {', '.join(get_args(Kind))}")  # fmt: skip
        lowest = {"width": 1, "channels": 1, "size": SMALLEST[self.kind], "classes": 2}
        for name, low in lowest.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < low:
                raise ValueError(f"{name}={value!r} is not allowed (a whole number from {low} on, "
                                 f"for kind={self.kind!r}); choose a larger one")  # fmt: skip

    @property
    def blocks(self) -> int:
        """Blocks of a stage of a residual network, n; 0 for others."""
        return {"resnet-8": 1, "resnet-14": 2}.get(self.kind, 0)

    @property
    def convolutions(self) -> tuple[Convolution, ...]:
        """In the order in which an image passes them."""
        if self.kind == "perceptron":
            return ()
        widths = [self.width * 2**stage for stage in range(STAGES)]
        if self.kind == "cnn":
            return tuple(
                Convolution(f"stage{stage}", inputs, outputs, 1, self.size // 2**stage)
                for stage, (inputs, outputs) in enumerate(pairwise([self.channels, *widths]))
            )
        found = [Convolution("start", self.channels, self.width, 1, self.size)]
        size = self.size
        for stage, width in enumerate(widths):
            for block in range(self.blocks):
                stride = 2 if stage and not block else 1
                name = f"stage{stage}.block{block}"
                inputs = found[-1].outputs
                found.append(Convolution(f"{name}.first", inputs, width, stride, size))
                size = -(-size // stride)
                found.append(Convolution(f"{name}.second", width, width, 1, size))
        return tuple(found)

    def map_after(self, stages: int) -> tuple[int, int]:
        """Channels, and height and width, of what so many of the three stages make of an image.

        Raises
        ------
        ValueError
            For a perceptron, which has no stages, and for fewer than 1 or more than 3.
        """
        if self.kind == "perceptron" or not 1 <= stages <= STAGES:
            raise ValueError(f"stages={stages} is not allowed for kind={self.kind!r} (from 1 to "
                             f"{STAGES}, of a convolutional network); choose one in this range "
                             "or kind='cnn'")  # fmt: skip
        width = self.width * 2 ** (stages - 1)
        if self.kind == "cnn":
            return width, self.size // 2**stages
        return width, -(-self.size // 2 ** (stages - 1))

    @property
    def linears(self) -> tuple[Linear, ...]:
        """In the order in which an image passes them; they come after the convolutions."""
        if self.kind == "perceptron":
            return (
                Linear("hidden", self.channels * self.size**2, self.width),
                Linear("linear", self.width, self.classes),
            )
        return (Linear("linear", self.convolutions[-1].outputs, self.classes),)

    @property
    def multiplications(self) -> int:
        """Of the weights with what they see, for one image, forward; a step takes three times it.

        Padding is counted as if it were multiplied.
        """
        of_convolutions = (
            9 * c.inputs * c.outputs * (-(-c.size // c.stride)) ** 2 for c in self.convolutions
        )
        return sum(of_convolutions) + sum(layer.inputs * layer.outputs for layer in self.linears)
