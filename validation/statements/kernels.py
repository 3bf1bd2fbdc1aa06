"""Ensembles and students of models with frozen features: neural tangents, random features."""

from mvtheory.references import Credit, Source
from validation.statements.statement import Statement

STATEMENTS = (
    Statement(
        Source("allenzhu2023", "section 1, messages 1 to 3"),
        "With frozen features, neural tangents or random ones, an ensemble helps, and training "
        "the sum as one model helps as much or more.",
        ("features.FeatureRegression",),
        ("random-features", "random-features-ridgeless", "image-features"),
    ),
    Statement(
        Source("allenzhu2023", "section 1, messages 1 to 3"),
        "With frozen features a student of the ensemble is no better than one model.",
        ("features.FeatureRegression",),
        ("random-features", "random-features-ridgeless", "image-features"),
    ),
    Statement(
        Credit("{}, {} and {}", Source("jacot2020"), Source("bach2024"), Source("cho2009")),
        "Ridge regression on random features is Gaussian about a kernel regression with a larger "
        "ridge, with a variance in closed form.",
        (
            "features.effective_ridge",
            "features.degrees_of_freedom",
            "features.arc_cosine_kernel",
            "features.arc_cosine_diagonal",
            "features.Outputs",
        ),
        ("random-features-law",),
    ),
    Statement(
        Source("ruben2024"),
        "At a tuned ridge one model of N P random features is at least as good as an ensemble of N "
        "models of P.",
        ("features.FeatureRegression",),
        ("random-features",),
    ),
    Statement(
        Source("patil2024", "Section 3 and Theorem 2"),
        "Ridge regression on a sketch that is free of the data is one on the data with another "
        "ridge, by the S-transform of the sketch, and a variance that averages take down.",
        ("features.sketched_ridge", "features.fit_ridge"),
        ("free-sketches",),
    ),
    Statement(
        Source("dern2025"),
        "An average of infinitely many models of few random features is one of infinitely many.",
        ("features.fit_ridge",),
        untested="a limit, which tests of the theory hold to its own formula",
    ),
    Statement(
        Source("wu2026"),
        "A student with random features, on the labels of a teacher of fewer, has a risk by a "
        "deterministic equivalent, and may follow a better scaling law than the teacher.",
        ("features.fit_ridge",),
        ("weak-to-strong",),
        "laws by the number of samples: by tests of the theory, two fits against drawn ones",
    ),
    Statement(
        Source("medvedev2025"),
        "The error of a strong student with random features is its weak teacher's to the power of "
        "1.49 at least with ReLU features, and of 2 with linear ones, and of no more than 2.",
        (
            "features.fit_ridge",
            "features.relu_spectrum",
            "features.stopped_descent",
            "features.ridge_student_exponent",
        ),
        ("weak-to-strong",),
        "linear features, by tests of the theory only",
    ),
    Statement(
        Source("oh2025"),
        "On patches a network that learns features corrects the labels of a linear teacher: with "
        "much data early in training, with little data by overfitting that does no harm, up to a "
        "boundary.",
        ("race.signal_lead", "race.corrected_margin", "race.correct_labels"),
        ("weak-to-strong-patches",),
        "networks of plain ReLUs, for which it is proved, and more samples than their noise has "
        "dimensions",
    ),
    Statement(
        Source("ildiz2025"),
        "The best labels for a student amplify the leading directions of the target, and shrink "
        "the others.",
        ("features.best_surrogate",),
        untested="a minimum in closed form, which tests of the theory find by search",
    ),
)
