"""What chance decides of an epoch, and what networks see by it: one gather for all images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from validation.networks.recipe import Recipe


@dataclass(frozen=True)
class Draws:
    """Of each network and place in its epoch: tensors of shape (networks, samples).

    Attributes
    ----------
    order : int64 tensor
        The sample that stands there.
    down, right : int64 tensors
        Where the view begins, in pixels of the padded image, from 0 to twice the shift.
    mirrored : bool tensor
    row, column : int64 tensors
        The middle of the cutout, in pixels of the view.
    """

    order: Tensor
    down: Tensor
    right: Tensor
    mirrored: Tensor
    row: Tensor
    column: Tensor


def draw(
    rngs: Sequence[np.random.Generator],
    recipe: Recipe,
    samples: int,
    size: int,
    device: torch.device,
) -> Draws:
    """One epoch of each generator; the same numbers whatever the device and the other networks.

    As much is drawn for every recipe, so that recipes that differ in augmentation share orders.
    """
    order = np.stack([rng.permutation(samples) for rng in rngs])
    # floor(n u) is uniform below n up to 1e-15, and takes one number, which integers may not.
    uniform = np.stack([rng.random((5, samples)) for rng in rngs], axis=1)
    places = 2 * recipe.shift + 1
    highest = np.array([places, places, 2, size, size])[:, None, None]
    drawn = [torch.from_numpy(order), *torch.from_numpy((uniform * highest).astype(np.int64))]
    order_, down, right, mirrored, row, column = (tensor.to(device) for tensor in drawn)
    return Draws(order_, down, right, mirrored == 1, row, column)


def views(images: Tensor, draws: Draws, part: slice, recipe: Recipe) -> Tensor:
    """What the networks see at these places of their epochs, moved, mirrored and cut.

    `images` has shape (samples, channels, size, size), the result (networks, places, channels,
    size, size); what was changed lies in memory by pixels.
    """
    order = draws.order[:, part]
    seen = images[order]
    if not recipe.changes_images:
        return seen
    ground = functional.pad(seen, (recipe.shift,) * 4).permute(0, 1, 3, 4, 2)
    width, channels = ground.shape[3:]
    along = torch.arange(images.shape[-1], device=images.device)
    rows = draws.down[:, part, None] + along
    mirrored = recipe.flip & draws.mirrored[:, part, None]
    columns = draws.right[:, part, None] + torch.where(mirrored, along.flip(0), along)
    first_rows = width * torch.arange(order.numel(), device=images.device).view(*order.shape, 1)
    pixels = (first_rows + rows)[..., :, None] * width + columns[..., None, :]
    seen = ground.reshape(-1, channels).index_select(0, pixels.flatten())
    seen = seen.view(*pixels.shape, channels)
    if recipe.cutout:
        down, across = (
            _within(along, middle[:, part, None], recipe.cutout)
            for middle in (draws.row, draws.column)
        )
        seen.mul_(~(down[..., :, None] & across[..., None, :])[..., None])
    return seen.permute(0, 1, 4, 2, 3)


def _within(along: Tensor, middle: Tensor, side: int) -> Tensor:
    start = middle - side // 2
    return (along >= start) & (along < start + side)
