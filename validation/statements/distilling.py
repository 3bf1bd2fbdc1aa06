"""Hinton, Vinyals & Dean (2015), divergences that others distil with, and what students learn
besides."""

from mvtheory.references import Source
from validation.statements.statement import Statement


def hinton(place: str) -> Source:
    return Source("hinton2015", place)


STATEMENTS = (
    Statement(
        hinton("section 2"),
        "Soft targets at a high temperature show which wrong classes a teacher finds likely, which "
        "at T = 1 is next to invisible.",
        ("race.dark_drive", "race.expected_coverage_waiting"),
        ("temperature",),
    ),
    Statement(
        hinton("section 2"),
        "The soft loss is multiplied by T^2, so that the weights of soft and of hard labels keep "
        "their proportion when T changes.",
        ("distillation.soft_weight", "distillation.Loss", "distillation.Convention"),
        ("dual-gradient",),
    ),
    Statement(
        hinton("section 2.1"),
        "At high temperatures distillation matches logits, each sample's mean taken off.",
        ("distillation.hot_divergence",),
        (),
        "an expansion in 1/T, exact for any logits: the tests hold it to the loss itself",
    ),
    Statement(
        hinton("sections 3 and 4"),
        "One student has most of what the ensemble gains over one network, on MNIST and in "
        "speech recognition.",
        ("coverage.distilled",),
        ("ensemble-distillation", "image-distillation"),
        "speech: the data and the networks are not public",
    ),
    Statement(
        hinton("section 3"),
        "A student that was never shown a class learns it from its teacher's soft targets.",
        (),
        (),
        "classes that are left out are no part of the theory here",
    ),
    Statement(
        hinton("section 5"),
        "Specialists for groups of classes that are confused add to a network that knows all of "
        "them.",
        (),
        (),
        "ensembles whose members differ by design and data, on an image set that is not public",
    ),
    Statement(
        Source("agarwal2024", "equation (1)"),
        "The generalised Jensen-Shannon divergence lies between the two directions of the "
        "Kullback-Leibler divergence.",
        (
            "distillation.exclusive_jsd",
            "distillation.jsd_curvature",
            "distillation.cold_divergence",
            "distillation.hot_divergence",
        ),
        (),
        "closed forms of its limits, exact for any logits: the tests hold them to the loss itself",
    ),
    Statement(
        Source("cloud2025", "Theorem 1 and the experiment on MNIST"),
        "A student that imitates any outputs of a teacher with the same start moves towards what "
        "the teacher has learned, classes too that these outputs do not name.",
        ("features.inherited_share",),
        ("subliminal",),
        "language models, and networks that learn features",
    ),
    Statement(
        Source("kitkana2026"),
        "The gradients of imitation and of what is learned beside it stay aligned in training of "
        "many steps.",
        ("features.gate_share",),
        ("subliminal",),
        "its networks learn features; here weights stay near their start",
    ),
    Statement(
        Source("brockers2026"),
        "What a student learns so depends on heads that fit, not on the start of hidden layers.",
        ("features.inherited_share",),
        ("subliminal",),
    ),
    Statement(
        Source("busbridge2025", "equation (8)"),
        "A distilled student's cross-entropy is a broken power law of its teacher's, with a gap "
        "beyond which better teachers make worse students.",
        ("distillation.distilled_loss", "features.capacity_gap"),
        (),
        "fitted to language models of hundreds of millions of parameters",
    ),
)
