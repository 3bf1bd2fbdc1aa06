"""Allen-Zhu & Li (2023) and their note of 2021: ensembles and students of trained networks."""

from mvtheory.references import Source
from validation.statements.statement import Statement


def paper(place: str) -> Source:
    return Source("allenzhu2023", place)


OBSERVED = (
    Statement(
        paper("section 1, messages 4 to 7"),
        "The average of networks that differ in their random starts alone is more accurate than "
        "they are, and than the best of them.",
        ("coverage.ensemble", "ensembles.advise_ensemble"),
        ("ensemble-coverage", "image-ensemble"),
    ),
    Statement(
        paper("section 1, messages 4 to 7"),
        "The sum of networks, trained as one, gains nothing over one network, so that what an "
        "ensemble gains is not what a larger network would.",
        ("coverage.single_network",),
        ("trained-sum", "image-joint"),
    ),
    Statement(
        paper("section 1, messages 4 to 7"),
        "A single network trained on the outputs of the ensemble keeps most of what it gains.",
        ("coverage.distilled",),
        ("ensemble-distillation", "image-distillation"),
    ),
    Statement(
        paper("section 1, messages 4 to 7"),
        "A network trained on the outputs of another one of its own kind is more accurate than "
        "its teacher.",
        ("coverage.self_distilled",),
        ("self-distillation", "image-self-distillation"),
    ),
    Statement(
        paper("section 1, messages 4 to 7"),
        "Averaging several distilled students gains nothing, or next to it, on what taught them.",
        ("coverage.distilled",),
        ("ensemble-of-students", "image-students"),
    ),
    Statement(
        paper("section 1"),
        "Beyond about ten networks an ensemble gains no further.",
        ("coverage.ensemble", "coverage.networks_for_coverage"),
        ("saturation", "image-hundred"),
    ),
    Statement(
        paper("section 1, a remark on augmentation"),
        "Where training images are moved so that one network sees more views of them, an ensemble "
        "has less to gain.",
        (),
        ("image-augmentation",),
    ),
    Statement(
        paper("figure 1"),
        "Test accuracies on CIFAR-10 and CIFAR-100 of single networks, ensembles of ten, networks "
        "trained as one, students and self-distilled networks.",
        (),
        ("image-ensemble", "image-joint", "image-distillation", "image-self-distillation"),
        "the published numbers are of Wide-ResNet-28-10 on all images: a GPU for days; smaller "
        "networks are compared with them kind by kind",
    ),
    Statement(
        paper("figures 2 to 5"),
        "Pictures of what the channels of a residual network answer to: other starts, other parts "
        "of a car.",
        (),
        (),
        "pictures, not numbers; what they are to show is the hypothesis that image-kind and "
        "image-channels try",
    ),
    Statement(
        paper("the experiment on Gaussian-like inputs"),
        "On inputs without views, Gaussian or mixtures of Gaussians labelled by another network, "
        "an ensemble gains nothing.",
        (),
        ("gaussian-inputs", "gaussian-inputs-narrow"),
    ),
    Statement(
        paper("section 2"),
        "Images have several views of each class, each of which suffices, and a network knows some "
        "of them.",
        ("ensembles.kind_of_ensemble",),
        ("image-kind",),
    ),
    Statement(
        paper("section 2 and figure 9"),
        "Cut into groups, the channels of a trained network hold views of their own: an ensemble "
        "across networks trained on the groups gains, and one across averages of channels less.",
        (),
        ("image-channels",),
    ),
)

NOTE = (
    Statement(
        Source("allenzhu2021"),
        "A car shows wheels, windows and lights; a network learns to see some of them, another one "
        "others, and most pictures show several, but not all do.",
        ("ensembles.kind_of_ensemble",),
        ("image-kind", "image-channels"),
    ),
)

MODEL = (
    Statement(
        paper("Definition 3.1"),
        "The views of a class are orthogonal.",
        ("race.critical_cosine",),
        ("correlated-views",),
    ),
    Statement(
        paper("Definitions 3.1 to 3.3"),
        "The power q of the smoothed ReLU is above 2, the initial weights are small and single-"
        "view samples few.",
        ("race.descend", "race.expected_coverage", "race.regime"),
        ("phase-diagram",),
    ),
    Statement(
        paper("Definitions 3.1 to 3.3 and Theorems 1 to 4"),
        "The number k of classes is large, and mu, the learning rate, the number of samples and of "
        "steps are powers of it.",
        ("race.regime",),
        (),
        "the powers are not named, and at one k any rate is some power of it; `race.regime` says "
        "what is asked of finite networks, and the claims say so of theirs",
    ),
    Statement(
        paper("Theorems 1 to 4"),
        "What is stated fails with a probability that falls faster than any power of k.",
        (),
        (),
        "a rate in k: the claims give means and their errors at a few k, from up to some thousand "
        "networks, which cannot tell such a law from a power",
    ),
    Statement(
        paper("Appendix D"),
        "A view's strength grows by dLambda/dt = S Lambda^(q-1), so that who leads at the start "
        "takes off and the others stay near theirs.",
        (
            "race.escape_time",
            "race.strength_before_escape",
            "race.loser_strength",
            "race.time_to_reach",
            "race.grow",
        ),
        ("decided-early",),
    ),
    Statement(
        paper("Appendix D"),
        "The view with the largest S_l^(1/(q-2)) Lambda_l(0) wins.",
        ("race.predict_winner", "race.upset_probability"),
        ("winner",),
    ),
    Statement(
        paper("Appendix D"),
        "A view shown more strongly wins more often; each has its chance.",
        ("race.win_probabilities", "coverage.ensemble_unequal"),
        ("unequal-views",),
    ),
)

THEOREMS = (
    Statement(
        paper("Theorem 1 and its proof"),
        "Training accuracy is perfect: the label stands Omega(log k) above all else in every "
        "training sample; multi-view test samples are right too.",
        ("race.final_strength", "race.late_growth"),
        ("sure-of-training",),
    ),
    Statement(
        paper("Theorem 1 and its proof"),
        "No class is much weaker than another: Phi_i >= .4 Phi_j, Phi the sum of the strengths of "
        "a class's neurons.",
        ("race.final_strength",),
        ("balanced-classes",),
    ),
    Statement(
        paper("Theorem 1 and its proof"),
        "The lottery has a winner in all but o(k) of the k classes, |M| = (1 - o(1)) k.",
        ("race.single_winner_probability", "race.expected_coverage"),
        ("losing-view",),
    ),
    Statement(
        paper("Theorem 1 and its proof"),
        "The view that loses stays at O~(sigma_0 m), sigma_0 the initial deviation and m the "
        "neurons of a class.",
        ("race.unlearned_strength", "race.unlearned_growth", "race.loser_strength"),
        ("losing-view",),
    ),
    Statement(
        paper("Theorem 1"),
        "The test error of one network is between .49 mu and .51 mu: it errs on the single-view "
        "samples of the view that it has not learned.",
        ("theorems.single_model", "coverage.single_network", "coverage.test_error"),
        ("single-view",),
    ),
    Statement(
        paper("Theorem 2"),
        "The test error of an ensemble of polylog(k) networks is at most .001 mu.",
        (
            "theorems.ensemble",
            "coverage.ensemble",
            "coverage.variance",
            "coverage.full_coverage",
            "coverage.networks_for_full_coverage",
        ),
        ("ensemble-coverage",),
    ),
    Statement(
        paper("Theorem 2"),
        "The ensemble's training accuracy is perfect, and it is right on multi-view test samples.",
        ("theorems.ensemble",),
        ("sure-of-training",),
    ),
    Statement(
        paper("Theorem 2"),
        "The networks of an ensemble have independent starts.",
        ("coverage.correlated_coverage", "coverage.agreement", "coverage.shared_bias"),
        ("shared-bias",),
    ),
    Statement(
        paper("Theorem 3"),
        "The test error of a student of the ensemble is at most .001 mu.",
        ("theorems.ensemble_distillation", "coverage.distilled", "race.mistaken_drive"),
        ("ensemble-distillation",),
    ),
    Statement(
        paper("Theorem 3 and its proof"),
        "In the student every view of every class is strong enough to be recognised alone.",
        ("coverage.distilled",),
        ("student-strengths",),
    ),
    Statement(
        paper("Theorem 3"),
        "It holds in at least 90 % of the iterations, not in each of them.",
        ("coverage.full_coverage",),
        ("most-iterations",),
    ),
    Statement(
        paper("Theorem 3"),
        "The student matches outputs of a softmax cut off at a temperature of 1/log^2 k: outputs "
        "that are sure of their class hide the others.",
        ("race.dark_drive", "race.expected_coverage_waiting", "race.Lesson"),
        ("temperature",),
    ),
    Statement(
        paper("Theorem 4"),
        "The test error of a self-distilled network is at most .26 mu: it is an ensemble of two, "
        "distilled.",
        ("theorems.self_distillation", "coverage.self_distilled"),
        ("self-distillation", "repeated-self-distillation"),
    ),
    Statement(
        paper("Assumption 4.1"),
        "Both views of a class have one law of sum_p z_p^q, so that either is learned as often: "
        "without it the bound of Theorem 4 is not claimed.",
        ("race.win_probabilities", "coverage.ensemble_unequal"),
        ("unbalanced-views",),
    ),
)

STATEMENTS = (*OBSERVED, *NOTE, *MODEL, *THEOREMS)
