"""How much the soft labels count: one weight, written in the ways of three authors.

The source's loss weighs the soft labels with alpha against 1 and divides by T + alpha; Hinton's
weighs the hard labels with a_H and the soft ones with (1 - a_H) T^2. Everything here is written
with the soft weight w = alpha/(T + alpha), a share in [0, 1] that is finite at a_H = 0.
"""

from functools import partial

from mvtheory.arguments import (
    DISTILLATION_WEIGHT,
    HARD_WEIGHT,
    SOFT_WEIGHT,
    TEMPERATURE_FACTOR,
)
from mvtheory.distillation.outputs import TEMPERATURE
from mvtheory.formula import Formula
from mvtheory.references import Source

_share = partial(Formula, quantity="share of the soft labels")
HINTON = Source("hinton2015", "Section 2")

distillation_weight = Formula(
    name="distillation_weight",
    summary="The source's weight alpha that makes its loss Hinton's, up to a factor.",
    symbol="alpha",
    quantity="weight of the soft labels over T",
    # Infinite at a_H = 0, soft labels alone: there only `soft_weight` describes the loss.
    arguments=(HARD_WEIGHT.within(low=1e-12), TEMPERATURE),
    expression=lambda hard_weight, temperature: (1 - hard_weight) / hard_weight * temperature**2,
    well_conditioned=True,
    source=HINTON,
    status="exact",
    notes=(
        "Hinton's a_H CE + (1 - a_H) T^2 KL is the source's loss times a_H + (1 - a_H) T, which "
        "only rescales the learning rate. Infinite at a_H = 0: use `soft_weight`."
    ),
)

soft_weight = _share(
    name="soft_weight",
    summary="Share w of the soft labels in Hinton's loss with weight a_H and temperature T.",
    symbol="w",
    arguments=(HARD_WEIGHT, TEMPERATURE),
    expression=lambda hard_weight, temperature: (
        (1 - hard_weight) * temperature / (hard_weight + (1 - hard_weight) * temperature)
    ),
    well_conditioned=True,
    source=HINTON,
    status="exact",
    notes="alpha/(T + alpha) at alpha = `distillation_weight`, but finite at a_H = 0, where w = 1.",
)

soft_weight_from_alpha = _share(
    name="soft_weight_from_alpha",
    summary="Share w of the soft labels in the source's loss with weight alpha.",
    symbol="w",
    arguments=(DISTILLATION_WEIGHT, TEMPERATURE),
    expression=lambda distillation_weight, temperature: (
        distillation_weight / (temperature + distillation_weight)
    ),
    well_conditioned=True,
    source=Source("darkknowledge2021", "equation (1)"),
    status="exact",
    notes="Back again: alpha = w T/(1 - w).",
)

calibrated_soft_weight = _share(
    name="calibrated_soft_weight",
    summary="Share of the soft labels when the temperature is replaced by c T at the same alpha.",
    symbol="w_c",
    arguments=(SOFT_WEIGHT, TEMPERATURE_FACTOR),
    expression=lambda soft_weight, temperature_factor: (
        soft_weight / (temperature_factor * (1 - soft_weight) + soft_weight)
    ),
    well_conditioned=True,
    source=Source("darkknowledge2021", "equation (12)"),
    status="our extension",
    notes=(
        "alpha/(c T + alpha). Given to `estimate_test` as its soft_weight, with c fitted from one "
        "distilled student at the same temperature, it corrects the estimator at the others."
    ),
)
