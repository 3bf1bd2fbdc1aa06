"""Claim: networks of one accuracy are different functions, and noise or views tell them apart."""

from collections.abc import Sequence
from functools import partial

from mvtheory.ensembles import two_value_share_of_noise
from mvtheory.references import Credit, Source
from validation.claims.gaussian_inputs import NOTICEABLE
from validation.experiments.members.setting import MembersSetting, check, require
from validation.experiments.members.setting import settings as settings_of
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

EXPLAINED, CHOSEN, VALUES = "accuracies", "chosen", "two values"
QUARTER = 0.25


def settings(preset: str) -> tuple[MembersSetting, ...]:
    """In quick without the lottery, whose two values take more replicates than it has time for."""
    return tuple(own for own in settings_of(preset) if preset != "quick" or own.problem != "views")


def foreseen_gain(setting: MembersSetting) -> float:
    return setting.foreseen(setting.others) - setting.foreseen(1)


def noticeable(setting: MembersSetting) -> bool:
    """Whether an ensemble gains a percentage point, so that there is something to explain."""
    return foreseen_gain(setting) >= NOTICEABLE


def expect(setting: MembersSetting, lottery: bool | None = None) -> list[Expectation]:
    """Bounds; `lottery` says that all outputs are of this kind, which serves the calibration."""
    place = "networks", setting.problem
    noise = two_value_share_of_noise(setting.others)
    fifth = (1 - noise) / 5
    views = setting.problem == "views" if lottery is None else lottery
    if views:
        values = Expectation(VALUES, *place, 1.0, noise + fifth, None, 0.02)
    else:
        values = Expectation.around(VALUES, *place, noise, fifth, 0.02)
    found = [Expectation(EXPLAINED, *place, 0.0, None, QUARTER, 0.05, None, 0.1)]
    if noticeable(setting):
        gain = foreseen_gain(setting)
        found.append(Expectation(CHOSEN, *place, gain / 2, 0.0, None, gain / 4))
    return [*found, values]


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["differences"].sort_values("replicate")
    found = [Sample.of(table["explained"])]
    if noticeable(measured.setting):
        found.append(Sample.of(table["gain"] / 2 - table["chosen"]))
    return [*found, Sample.of(table["two_values"])]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        mean = study.tables["differences"].mean(numeric_only=True)
        noise = two_value_share_of_noise(study.setting.others)
        lines.append(
            f"{study.setting.problem}: accuracy {mean['accuracy']:.4f} with a deviation of "
            f"{mean['deviation']:.4f} between networks, two of which answer differently on "
            f"{mean['disagreement']:.4f} of the samples; the ensemble of {study.setting.others} "
            f"gains {mean['gain']:.4f}, the best network, chosen on other samples, "
            f"{mean['chosen']:.4f}; two values explain {mean['two_values']:.3f} of the variance of "
            f"the label's margin, of normal noise they would {noise:.3f}."
        )
    return lines


def instead(panel: str, value: float, e: Expectation, views: int) -> float:
    return value if e.panel == panel else e.expected


SAME_ACCURACY = Claim(
    name="same-accuracy",
    place=(8, 21),
    title="Networks of the same accuracy are different functions",
    statement=(
        "Networks that differ in their starts and batches alone have nearly the same accuracy and "
        "disagree on many times as many samples; what the ensemble gains is not explained by the "
        "variance of their accuracies. That their outputs are the label with noise of each network "
        "and noise common to all, F_i = y + xi + xi_i, is wrong where networks learn views: there "
        "the outputs on a sample have two values. It is right of perceptrons on clusters and "
        "digits."
    ),
    sources=(
        Credit(
            "{}, message 7, and the hypothesis that is put aside there; both tests: ours",
            Source("allenzhu2023", "section 1"),
        ),
    ),
    formulas=(),
    assumptions=(
        "one kind of network, trained on the same samples",
        "outputs: the label's logit less the largest other one, on samples that some networks put "
        "right and others wrong",
    ),
    margin=(
        "Of the pairs' disagreement on what is right their accuracies explain less than a quarter: "
        "all of it where errors are nested, little where each sample is put right or wrong by "
        "itself. The best network, chosen on one half of the test samples and measured on the "
        "other, gains less than half of what the ensemble gains, where that is a percentage point "
        "at least. Outputs are normal noise if what "
        "two values explain is that of noise up to a fifth of the way to two values, and are not "
        "if it is above."
    ),
    change=(
        "Networks of several sizes or recipes, whose accuracies differ; heavy-tailed noise. Where "
        "an ensemble gains little, the variance of accuracies explains much: on digits, where it "
        "gains .006, half as much as all 36 networks is gained by the best of them."
    ),
    does_not_show=(
        "in quick, that a lottery has two values: its networks are tried from standard on",
        "what networks disagree about: how many samples, and not which",
        "larger networks and real images (claims image-ensemble and image-kind)",
        "that outputs are normal: one share of their variance is judged, which other laws with "
        "one peak would have too",
    ),
    panels={
        EXPLAINED: ("problem", "disagreement that\naccuracies explain (share)"),
        CHOSEN: ("problem", "half of the ensemble's gain\nless the chosen network's"),
        VALUES: ("problem", "variance that two\nvalues explain (share)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong("errors are nested", truth=partial(instead, EXPLAINED, 1.0)),
        Wrong("accuracies explain half", truth=partial(instead, EXPLAINED, 0.5)),
        Wrong(
            "the gain is that of the best network",
            truth=lambda e, views: -e.expected if e.panel == CHOSEN else e.expected,
        ),
        Wrong("all outputs are a lottery of views", partial(expect, lottery=True)),
    ),
    remarks=remarks,
)
