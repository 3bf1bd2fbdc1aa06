"""Illuminating Dark Knowledge via Random Matrix Ensembles (2021): the estimator and its laws."""

from mvtheory.references import Source
from validation.statements.statement import Statement


def paper(place: str) -> Source:
    return Source("darkknowledge2021", place)


IDENTITY = "an identity, exact for any outputs: the tests hold it to rounding"

STATEMENTS = (
    Statement(
        paper("Lemma 2, equations (1), (3), (4)"),
        "The gradient of the distillation loss in the student's logits is that of training dual "
        "outputs on dual labels.",
        (
            "distillation.loss",
            "distillation.logit_gradient",
            "distillation.dual_labels",
            "distillation.dual_outputs",
        ),
        ("dual-gradient",),
    ),
    Statement(
        paper("equations (2), (5), (6)"),
        "The accuracy is 1/K and the trace of the centred symmetric matrix H of labels and "
        "predictions.",
        ("distillation.h_matrix", "distillation.accuracy", "distillation.h"),
        (),
        IDENTITY,
    ),
    Statement(
        paper("Proposition 3 and equations (7) to (11)"),
        "The dual model's H is the sum of four parts, of hard and soft labels by hard and soft "
        "predictions, and so is its accuracy.",
        (
            "distillation.decomposition",
            "distillation.dual_accuracy",
            "distillation.h_hat",
        ),
        (),
        IDENTITY + ", with the trace and the cross term that the print lacks",
    ),
    Statement(
        paper("equation (12)"),
        "The accuracy of a distilled student follows from that of its baseline, T, alpha and two "
        "numbers, g and chi.",
        (
            "distillation.estimate",
            "distillation.estimate_printed",
            "distillation.estimate_dual",
            "distillation.estimate_test",
            "distillation.soft_weight_from_alpha",
        ),
        ("distilled-accuracy", "image-distilled-accuracy"),
    ),
    Statement(
        paper("equation (12), its g"),
        "g, the share of a gain that soft labels carry, follows from the edges of spectra alone.",
        (
            "distillation.gain_from_edges",
            "distillation.gain_free",
            "distillation.gain_measured",
            "distillation.fit_generalized_wishart",
        ),
        ("image-free-sum",),
        "the appendix that defines g is not public: ours is a reading of it",
    ),
    Statement(
        paper("equation (12), its chi"),
        "chi compares training on soft labels alone with the baseline.",
        ("distillation.chi_measured",),
        (),
        "the appendix that defines chi is not public; ours needs the student of soft labels alone, "
        "which is measured by its definition",
    ),
    Statement(
        paper("figure 1"),
        "The spectrum of H of a trained network is that of a generalised Wishart matrix, and that "
        "of the dual model the free sum of its parts'.",
        (
            "distillation.h_spectrum",
            "distillation.compare",
            "laws.GeneralizedWishart",
            "laws.ConfusionLaw",
            "laws.free_add",
        ),
        ("h-spectrum", "image-h-spectrum", "image-free-sum"),
    ),
    Statement(
        paper("figure 2"),
        "Estimated and measured accuracies of distilled students agree over temperatures and "
        "weights, so that settings can be chosen by the estimate.",
        ("distillation.advise", "distillation.Balance"),
        ("distilled-accuracy", "image-distilled-accuracy", "advisor-regret"),
    ),
    Statement(
        paper("Propositions 5 and 8"),
        "Ranked predictions have Poisson-Dirichlet weights, and H of such predictions a law of "
        "its own.",
        ("distillation.diagnose", "laws.PoissonDirichlet"),
        (),
        "ranked weights leave entries dependent, so that the proof does not carry over; `diagnose` "
        "measures on the outputs at hand how far they are from it",
    ),
    Statement(
        paper("Proposition 7"),
        "Where rows are rotation invariant, H is a commutator-like product of free matrices.",
        (
            "distillation.diagnose",
            "laws.WishartProduct",
            "laws.commutator",
            "laws.anticommutator",
        ),
        ("h-spectrum",),
        "one-hot rows are not rotation invariant; of rows that are, the tests hold the law to "
        "matrices",
    ),
)
