"""Trains and measures the networks of `TokenSetting`: the part of the experiment with torch."""

import torch
from torch import Tensor

from validation.experiments.streams import Streams
from validation.experiments.tokens.setting import TokenSetting
from validation.training import measure as measures
from validation.training.networks import initial_weights
from validation.trial.claim import Tables

EXPERIMENT = 21
"""Begins the keys of this experiment's random numbers."""
TRAINING, WEIGHTS = range(2)
"""Purposes of random numbers; each has its own stream."""


def measure(
    setting: TokenSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Tables `networks` (a row a network) and `ensembles` (a row a size).

    `attention` is the mean weight of a class's words over that of fillers, 1 at the start.
    """
    key = (EXPERIMENT, setting.classes, setting.views, setting.power, replicate)
    streams = Streams(seed, key)
    counts, labels = setting.training(streams.rng(TRAINING))
    asked, wanted = setting.view_only()
    seeds = streams.sequences(setting.networks, WEIGHTS)
    shape = (setting.classes, setting.neurons, setting.words)
    responses = torch.from_numpy(initial_weights(seeds, shape, setting.deviation)).to(device)
    scores = torch.zeros((setting.networks, setting.words), device=device)
    told = torch.from_numpy(counts).to(device, torch.float32)
    descend(setting, responses, scores, told, torch.from_numpy(labels).to(device))

    fitted = outputs(setting, responses, scores, told).cpu().numpy()
    new = torch.from_numpy(asked).to(device, torch.float32)
    answers = outputs(setting, responses, scores, new).cpu().numpy()
    right = measures.is_right(answers, wanted)
    weight = scores.exp().cpu().numpy()
    own = setting.words - setting.fillers
    return {
        "networks": [
            {
                "network": n,
                "training_accuracy": float((fitted[n].argmax(axis=1) == labels).mean()),
                "coverage": float(right[n].mean()),
                "attention": float(weight[n, :own].mean() / weight[n, own:].mean()),
            }
            for n in range(setting.networks)
        ],
        "ensembles": [
            {
                "size": size,
                "coverage": 1 - measures.ensemble_error(answers, wanted, size),
            }
            for size in setting.sizes
        ],
    }


def outputs(setting: TokenSetting, responses: Tensor, scores: Tensor, counts: Tensor) -> Tensor:
    """Outputs of every network on all sequences, shape (networks, sequences, classes).

    Tokens of one word have one weight and one value, so that words count as often as they occur.
    """
    clipped = responses.clamp(0, 1)
    smoothed = clipped**setting.power / setting.power + (responses - clipped).relu()
    values = smoothed.sum(dim=2)
    weight = (scores - scores.amax(dim=1, keepdim=True)).exp()
    heard = torch.einsum("sw,nw,nkw->nsk", counts, weight, values)
    return setting.length * heard / (weight @ counts.T)[..., None]


def descend(
    setting: TokenSetting, responses: Tensor, scores: Tensor, counts: Tensor, labels: Tensor
) -> None:
    """Plain descent in place on the mean cross-entropy over a class's sequences."""
    targets = labels.repeat(len(responses))
    for _ in range(setting.steps):
        moved = [part.detach().requires_grad_() for part in (responses, scores)]
        found = outputs(setting, moved[0], moved[1], counts).flatten(0, 1)
        loss = torch.nn.functional.cross_entropy(found, targets, reduction="sum")
        slopes = torch.autograd.grad(loss / setting.samples, moved)
        responses.sub_(slopes[0], alpha=setting.rate)
        scores.sub_(slopes[1], alpha=setting.rate)
