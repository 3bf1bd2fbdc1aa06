"""What the sources say of other conditions: students, teachers, losses, data, and what ends there.

Allen-Zhu & Li (2023) and their note of 2021, Saxe, Sodhani & Lewallen (2022), Hinton, Vinyals &
Dean (2015), where their statements name no law, and what this project makes of them.
"""

from mvtheory.references import Credit, Source
from validation.statements.statement import Statement


def paper(place: str) -> Source:
    return Source("allenzhu2023", place)


STATEMENTS = (
    Statement(
        paper("section 1, against neural tangent kernels"),
        "Training learns features: the kernel of gradients does not stay what it was at the start.",
        ("race.kernel_alignments",),
        ("learned-kernel",),
    ),
    Statement(
        Source("dyer2020", "on the evolution of the kernel"),
        "In wide networks it does: training changes the kernel by a share of the order 1/m.",
        (),
        ("wide-kernel",),
        "networks of several layers, and the coefficient of 1/m",
    ),
    Statement(
        paper("section 1, message 7"),
        "What an ensemble gains is not explained by how much the accuracies of networks vary: "
        "networks of the same accuracy are different functions.",
        ("ensembles.explained_by_accuracy", "ensembles.two_value_share"),
        ("same-accuracy", "image-ensemble"),
    ),
    Statement(
        Source("allenzhu2021"),
        "Ten networks have a mean accuracy of 81.51 % with a deviation of .16 %, and yet are very "
        "different functions.",
        (),
        ("same-accuracy",),
        "the published networks are Wide-ResNet-28-10 on CIFAR-100",
    ),
    Statement(
        paper("section 1"),
        "Less variance, as bagging has it, explains a lower loss but not a lower error.",
        ("ensembles.brier_of_ensemble",),
        ("variance-reduction",),
    ),
    Statement(
        paper("section 1"),
        "Boosting and bagging gain by other means than ensembles of starts.",
        ("race.resampled_coverage", "race.unrivalled_coverage"),
        ("boosting-and-bagging",),
    ),
    Statement(
        paper("section 1, messages 4 to 7"),
        "Averaging students gains nothing on what taught them, however few these are.",
        ("coverage.ensemble", "coverage.distilled", "race.mistaken_drive"),
        ("students-together",),
    ),
    Statement(
        paper("section 1 and the experiment on Gaussian-like inputs"),
        "Where data have no views a student of an ensemble gains nothing.",
        (),
        ("distillation-without-views",),
    ),
    Statement(
        paper("section 1 and Theorem 3"),
        "What distils is what the teacher covers, by starts or otherwise.",
        ("coverage.taught",),
        ("assembled-teachers",),
    ),
    Statement(
        Credit("ours, from {}", paper("Theorem 4 and Assumption 4.1")),
        "A student gains by a start of its own: less where it favours its teacher's views, nothing "
        "with its teacher's start.",
        ("coverage.agreement", "coverage.taught"),
        ("student-start",),
    ),
    Statement(
        Credit("ours, from {}", paper("Appendix D")),
        "A wider student learns more of its teacher's views in the same time.",
        ("race.dark_drive", "race.expected_coverage_waiting"),
        ("student-width",),
    ),
    Statement(
        Credit("ours, from {}", paper("Theorem 4")),
        "The ensemble of a chain's generations knows what the last of them knows.",
        ("coverage.self_distilled",),
        ("generations-together",),
    ),
    Statement(
        paper("Appendix D, for gradient descent"),
        "How the loss is descended does not change that one view of each class wins.",
        ("coverage.neurons_apart", "coverage.views_apart", "race.descend"),
        ("optimisers", "squared-error"),
    ),
    Statement(
        Credit("ours, from {}", paper("Theorem 2")),
        "Ensembles that are built to differ cover more than independent starts, up to N/M.",
        ("coverage.distinct_wins", "coverage.opposite_starts", "coverage.shown_coverage"),
        ("built-diversity",),
    ),
    Statement(
        Credit("{}, for patches", paper("Theorems 1 and 2")),
        "Views need not be patches: words of a sequence are learned one of each class too.",
        ("coverage.ensemble", "coverage.single_network"),
        ("token-views",),
    ),
    Statement(
        Credit("ours, for {}", paper("Theorems 1 and 2")),
        "Nor need they be seen apart: averaged over the neighbours in a graph a view counts by the "
        "share of them that carry it.",
        ("race.mixed_strength", "race.win_probabilities"),
        ("graph-views",),
    ),
    Statement(
        Credit("ours, for {}", paper("Theorems 1 and 2")),
        "Of the words of a class that real texts have, one network learns some and an ensemble "
        "more.",
        untested="no package that is installed brings texts with classes, and words of texts are "
        "neither orthogonal nor always there, so that no formula foretells what is learned: it "
        "would be seen, not tried. The advice on distillation is tried on real texts, by the "
        "benchmarks",
    ),
    Statement(
        Source("saxe2022", "section 4"),
        "Pathways of a gated deep linear network race by a power of their strength that is given "
        "by their depth; the fastest explains the data.",
        ("race.pathway_shares", "race.grow_pathways", "race.turned_shares"),
        ("pathway-race",),
    ),
    Statement(
        Source("hinton2015", "section 2"),
        "The temperature decides what a student is taught; which course of it teaches most.",
        ("race.best_temperature", "race.course_growth"),
        ("temperature-schedule",),
    ),
    Statement(
        Credit("ours, for the averages of {} and {}", Source("wortsman2022"), Source("ito2025")),
        "The mean of weights of networks that know different views knows what their ensemble "
        "knows, by outputs that are smaller by a factor.",
        ("coverage.averaged_weights", "coverage.soup_output", "coverage.sure_coverage"),
        ("weight-average",),
    ),
    Statement(
        Source("chidambaram2023", "Theorems 4.6 and 4.7"),
        "Plain samples teach one of two views; midpoints of samples, with half of each label, "
        "teach both.",
        ("race.augmented_coverage",),
        ("midpoint-mixup", "midpoints-alone"),
        "all views, which are learned in times without end: here the times are finite",
    ),
    Statement(
        Source("oh2024"),
        "Masked patches teach features that plain samples do not, and pasted ones rarer ones "
        "still, all evenly.",
        ("race.augmented_coverage",),
        ("cutout-cutmix",),
        "views of different rarity, and that all are learned evenly",
    ),
)
