"""Mobahi, Farajtabar & Bartlett (2020) and others: self-distillation as regularisation."""

from mvtheory.references import Credit, Source
from validation.statements.statement import Statement

MOBAHI = Source("mobahi2020", "Section 3")

STATEMENTS = (
    Statement(
        MOBAHI,
        "A kernel regression that learns its own last fit shrinks each eigendirection by "
        "d/(d + c_t) in round t.",
        ("self_distillation.distill", "self_distillation.distill_kernel_regression"),
        ("hilbert-bounds",),
    ),
    Statement(
        MOBAHI,
        "It lasts at least (r_0 - 1)/kappa rounds before it collapses to nothing.",
        (
            "self_distillation.rounds_before_collapse",
            "self_distillation.rounds_at_least",
            "self_distillation.rounds_at_most",
            "self_distillation.collapse_time",
        ),
        ("hilbert-bounds",),
    ),
    Statement(
        MOBAHI,
        "After t rounds a norm of at least a^t r_0 - b (a^t - 1)/(a - 1) is left.",
        (
            "self_distillation.norm_bound",
            "self_distillation.norm_at_least",
            "self_distillation.norm_at_most",
        ),
        ("hilbert-bounds",),
    ),
    Statement(
        MOBAHI,
        "Every round uses fewer basis functions than the last one.",
        ("self_distillation.sparsity_growth",),
        ("hilbert-bounds",),
    ),
    Statement(
        MOBAHI,
        "A few rounds may help where the first fit overfits, and more of them underfit.",
        ("self_distillation.distill_kernel_regression",),
        ("hilbert-bounds",),
    ),
    Statement(
        Source("mobahi2020", "Section 5"),
        "On CIFAR-10 a residual network's test accuracy rises for a few rounds of "
        "self-distillation and falls then.",
        ("coverage.self_distilled",),
        ("image-self-distillation",),
        "its first round alone: chains of residual networks cost a GPU",
    ),
    Statement(
        Credit(
            "{}, {}, {} and {}",
            Source("das2023"), Source("pareek2024"), Source("borup2021"), Source("dang2026"),
        ),
        "Ridge regression on labels mixed with its own fit has least risk at a mixing in closed "
        "form, which may lie outside [0, 1].",
        (
            "self_distillation.mixed_filter",
            "self_distillation.mixed_risk",
            "self_distillation.optimal_mixing",
            "self_distillation.estimated_mixing",
        ),
        ("hilbert-bounds",),
    ),
    Statement(
        Source("dang2026"),
        "Self-distilled ridge is a step along the ridge path; the best mixing has the sign "
        "opposite to the slope of the teacher's risk, and the labels alone tell it.",
        ("self_distillation.one_shot_mixing", "features.distilled_risk"),
        ("one-shot-mixing",),
    ),
    Statement(
        Source("takanami2025"),
        "Where labels are noisy, a linear classifier is improved by its own hard labels, and "
        "hardly by soft ones, which hand its errors on.",
        ("features.hard_labels", "features.flipped_classes", "features.two_class_accuracy"),
        untested="by tests of the theory only, on new inputs: there it holds for good teachers, "
        "and soft labels are the better ones of poor teachers",
    ),
)  # fmt: skip
