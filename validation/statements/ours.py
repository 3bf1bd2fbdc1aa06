"""What the sources do not state: laws and rules of this project."""

from mvtheory.references import Credit, Source
from validation.statements.statement import Statement

OURS = Credit("ours")

STATEMENTS = (
    Statement(
        Credit("ours, after {}", Source("allenzhu2023", "Theorem 1")),
        "A plain ReLU network on the sum of the views that are present learns one view of each "
        "class.",
        ("coverage.single_network", "coverage.accuracy"),
        ("summed-views", "summed-views-growth"),
    ),
    Statement(
        OURS,
        "Averages of outputs keep views that votes lose; how often two networks disagree follows "
        "from how they guess.",
        ("coverage.majority_vote", "coverage.disagreement_over_error"),
        ("votes",),
    ),
    Statement(
        OURS,
        "Networks that are shown one view after the other learn them all, where distractors are "
        "weak, without an ensemble.",
        ("coverage.single_network",),
        ("view-curriculum", "curriculum-against-distillation"),
    ),
    Statement(
        OURS,
        "Two or three networks foretell the accuracy and the calibration of any number, and how "
        "many are worth their price.",
        ("ensembles.advise_ensemble",),
        ("ensemble-size", "members-needed", "image-hundred"),
    ),
    Statement(
        OURS,
        "One-hot predictions have the spectrum of a sparse confusion matrix, which few samples of "
        "each class make different from any Gaussian law.",
        ("laws.ConfusionLaw", "laws.DeformedSemicircle"),
        ("h-spectrum", "image-h-spectrum"),
    ),
    Statement(
        Source("du2024", "risk extrapolation"),
        "The Brier score of any number of networks follows from those of one and of two.",
        ("ensembles.brier_of_ensemble",),
        ("brier-extrapolation",),
    ),
    Statement(
        OURS,
        "How much the risk of mixed targets, and the mixing that is best, vary over draws of the "
        "labels' noise is a sum over eigendirections.",
        (
            "self_distillation.mixed_risk_variance",
            "self_distillation.optimal_mixing_variance",
        ),
        ("hilbert-bounds",),
    ),
)
