"""Write docs/images.md and its figures from the committed records; no network is trained.

Usage: python docs/images.py (seconds; needs the extra "validation", not torch)
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from matplotlib import style
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mvtheory.plotting import COLOURS, STYLE
from validation.experiments.image_hundred.setting import of_size
from validation.experiments.images.setting import alone, together
from validation.experiments.of_images import OfOneKind
from validation.records import files, plans
from validation.records.claim_record import ClaimRecord
from validation.records.conclusion import Conclusion, conclude
from validation.records.gathered import gather
from validation.report.claims_table import COLUMNS, row
from validation.report.figures import draw
from validation.report.markdown import escaped
from validation.report.svg import svg
from validation.report.words import models_words
from validation.threads import one_thread
from validation.trial.claim import Measured, means

HERE = Path(__file__).parent
RECORDS = HERE.parent / "validation" / "records" / "images"
KINDS = {
    "single": "one network",
    "ensemble": "ensemble",
    "joint": "as many trained as one",
    "student": "student of the ensemble",
    "self": "student of one network",
    "students": "students together",
    "augmented": "one network, images moved",
}
PUBLISHED = {
    "CIFAR-10, published": {
        "single": 0.9670, "ensemble": 0.9720, "joint": 0.9646, "student": 0.9722, "self": 0.9713,
    },
    "CIFAR-100, published": {
        "single": 0.8151, "ensemble": 0.8469, "joint": 0.8183, "student": 0.8381, "self": 0.8356,
    },
}  # fmt: skip
"""Test accuracies of Wide-ResNet-28-10 in figure 1 of Allen-Zhu & Li (2023)."""
DEVIATIONS = {"CIFAR-10, published": 0.0021, "CIFAR-100, published": 0.0016}
"""Of single networks, there."""
SHOWN = ("joint", "student", "self")
MARKERS = "osD^vP"
FURTHER = "no further gain"
"""Beyond about ten networks, by section 1 there; it has no number of it here."""
HEAD = """# Images: what was published, and what is measured here

Networks for images alone, in ensembles, trained as one, and learning from one another. Everything
below is read from the committed records by `python docs/images.py`; to train it all anew,

    python -m validation run images --data DIR

with a folder DIR in torchvision's layout; one data set alone with `--source`, such as mnist. Each
replicate draws its own training and test images and trains all of its networks from other starts.
"""
SCALE = """Ours are small, so that two cores can train them: {ours}.
The published ones are Wide-ResNet-28-10 on all 50,000 images of 32 x 32 pixels. So accuracies are
far below the published ones, and an ensemble has more to gain. Ours see images mirrored by chance,
but for digits, and not moved, but for the row that says so. What can be compared is which kind
gains, and which share of what the ensemble gains: the figure.
"""
HUNDRED = """Mean ± standard error over draws: {ours}.
So that a hundred could be trained they see fewer images, for a shorter time, than those above, and
are less accurate. Published (Allen-Zhu & Li, 2023, section 1): beyond about ten networks an
ensemble gains no further.
"""
ANEW = {
    "students": (
        "`image-distilled-accuracy` was restated since and is recorded anew in `distilled`, on "
        "other draws; here it predicted by balanced mixtures alone, without the average of dual "
        "outputs, and was undecided."
    )
}
"""What is said of folders some of whose claims have a later record."""


def studied(folders: list[Path], experiment: str) -> list[Measured]:
    """Replicates of the settings of an experiment."""
    every = [gather(own, plans.load(own, plans.registered(own)[-1])) for own in folders]
    measured = [study for evidence in every for study in evidence.measured.values()]
    return [own for own in measured if own.setting.experiment == experiment and own.replicates]


def accuracies(study: Measured) -> dict[str, NDArray[np.float64]]:
    """By kind, one for each replicate."""
    groups = set(study.tables["groups"]["kind"])
    return {
        kind: together(study, kind) if kind in groups - {"augmented"} else alone(study, kind)
        for kind in KINDS
    }


def with_error(values: NDArray[np.float64]) -> str:
    return f"{values.mean():.4f} ± {values.std(ddof=1) / len(values) ** 0.5:.4f}"


def lines_of(rows: Iterable[Iterable[str]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def accuracy_table(studies: list[Measured]) -> str:
    measured = [accuracies(study) for study in studies]
    names = [study.setting.problem.source for study in studies]
    rows = [["", *PUBLISHED, *names], ["---"] * (1 + len(PUBLISHED) + len(names))]
    for kind, words in KINDS.items():
        cells = [f"{own[kind]:.4f}" if kind in own else "" for own in PUBLISHED.values()]
        if kind == "single":
            cells = [f"{c} ± {d:.4f}" for c, d in zip(cells, DEVIATIONS.values(), strict=True)]
        rows.append([words, *cells, *(with_error(own[kind]) for own in measured)])
    return lines_of(rows)


def hundred_table(studies: list[Measured]) -> str:
    """Ensembles of ten and of all networks beside what few of them promised."""
    rows = [["", "published", *(study.setting.problem.source for study in studies)]]
    rows.append(["---"] * len(rows[0]))
    found: dict[str, list[str]] = {}
    for study in studies:
        setting, told = study.setting, study.tables["predictions"]
        sizes = 1, setting.few, setting.members
        one, few, most = (of_size(study, size) for size in sizes)
        promised = {name: means(told, name) for name in ("few", "all")}
        name = f"{setting.members} against {setting.few}"
        for words, values in {
            "one network": one,
            f"ensembles of {setting.few}": few,
            f"ensemble of {setting.members}": most,
            name: most - few,
            f"{name}, as {setting.given} networks promise": promised["all"] - promised["few"],
            f"ensemble of {setting.members}, as {setting.given} promise": promised["all"],
        }.items():
            found.setdefault(words, []).append(with_error(values))
    published = {words: FURTHER if words.endswith("against 10") else "" for words in found}
    return lines_of([*rows, *([words, published[words], *cells] for words, cells in found.items())])


@style.context(STYLE)
def gains_figure(studies: list[Measured]) -> Figure:
    """What each kind gains on one network, in units of what the ensemble gains."""
    figure = Figure(figsize=(7.2, 3.3))
    axes = figure.add_subplot()
    sides = len(PUBLISHED) + len(studies)
    for place, (name, own) in enumerate(PUBLISHED.items()):
        gain = own["ensemble"] - own["single"]
        shares = [(own[kind] - own["single"]) / gain for kind in SHOWN]
        at = np.arange(len(SHOWN)) + (place - (sides - 1) / 2) / (sides + 2)
        axes.plot(at, shares, MARKERS[place], color="0.45", fillstyle="none", label=name)
    for place, study in enumerate(studies, start=len(PUBLISHED)):
        own = accuracies(study)
        gain = (own["ensemble"] - own["single"]).mean()
        shares = [(own[kind] - own["single"]) / gain for kind in SHOWN]
        at = np.arange(len(SHOWN)) + (place - (sides - 1) / 2) / (sides + 2)
        axes.errorbar(
            at, [share.mean() for share in shares],
            [share.std(ddof=1) / len(share) ** 0.5 for share in shares],
            fmt=MARKERS[place], color=COLOURS[place - len(PUBLISHED)],
            label=f"{study.setting.problem.source}, measured",
        )  # fmt: skip
    for level, words in ((0, "one network"), (1, "the ensemble")):
        axes.axhline(level, color="0.8", zorder=0)
        axes.annotate(words, (len(SHOWN) - 0.5, level), ha="right", va="bottom", color="0.4")
    axes.set_xticks(range(len(SHOWN)), [KINDS[kind] for kind in SHOWN])
    axes.set_xlim(-0.5, len(SHOWN) - 0.5)
    axes.set_ylabel("gain on one network\n(in units of the ensemble's gain)")
    axes.grid(visible=False)
    axes.legend()
    return figure


def said_of(setting: OfOneKind) -> str:
    problem = setting.problem
    return (
        f"{setting.kind} of width {setting.width} on {problem.training_samples:,} images of "
        f"{problem.source} at {problem.size} x {problem.size} pixels for {setting.epochs} epochs"
    )


def drawn(study: Measured) -> str:
    return f"{study.replicates} of {said_of(study.setting)}"


def by_claim(results: list[Conclusion]) -> list[list[ClaimRecord]]:
    """The records of each claim, by its place: of each choice of data sets the latest."""
    found: dict[str, dict[tuple[str, ...], ClaimRecord]] = {}
    for one in sorted(results, key=lambda one: one.registered or ""):
        for own in one.claims:
            labels = tuple(study.setting.label for study in own.planned.studies)
            same = found.setdefault(own.name, {})
            if own.comparisons or labels not in same:
                same[labels] = own
    every = [list(records.values()) for records in found.values()]
    return sorted(every, key=lambda records: records[0].claim.place)


def verdicts(every: list[list[ClaimRecord]], figures: str) -> str:
    return lines_of([COLUMNS, ["---"] * len(COLUMNS), *(row(own[0], figures) for own in every)])


def further_verdicts(every: list[list[ClaimRecord]], figures: str) -> str:
    """Of records besides the first, which have a plan of their own."""
    chosen = [COLUMNS.index(name) for name in ("claim", "predicted", "observed", "verdict")]
    rows = [COLUMNS, ["---"] * len(COLUMNS), *(row(r, figures) for own in every for r in own[1:])]
    return lines_of([cells[place] for place in chosen] for cells in rows)


def remarks(records: list[ClaimRecord]) -> str:
    first = records[0]
    told = "".join(f"- {escaped(line)}\n" for own in records for line in own.remarks)
    if not first.comparisons:
        return f"### {escaped(first.claim.title)}\n\nPlanned; no draw is finished.\n"
    return f"### {escaped(first.claim.title)}\n\n![{first.name}](images/{first.name}.svg)\n\n{told}"


def provenance(name: str, results: Conclusion) -> str:
    plan = results.plan
    where = "; ".join(
        f"{count} replicates on {words}" for words, count in results.environments.items()
    )
    where = where or "no replicate yet"
    claims = " ".join(record.name for record in results.claims)
    return (
        f"- `{name}`: preset {plan.preset}, seed {plan.seed}, plan `{plan.name}` of "
        f"{results.registered}; {models_words(results.models)}, "
        f"{results.seconds / 3600:.1f} core-hours; {where}; mvtheory {plan.mvtheory}. Claims: "
        f"{claims}."
        + f" {ANEW.get(name, '')}".rstrip()
        + "".join(f" {line}" for line in results.lacks)
    )


@one_thread()
def main() -> None:
    folders = sorted(path.parent for path in RECORDS.glob("*/plans"))
    results = [conclude(folder) for folder in folders]
    studies = studied(folders, "images")
    hundreds = studied(folders, "image hundred")
    figures = HERE / "images"
    files.write(figures / "gains.svg", svg(gains_figure(studies), "none"))
    every = by_claim(results)
    for records in every:
        seen = [comparison for own in records for comparison in own.comparisons]
        picture = draw(records[0].claim.panels, seen)
        files.write(figures / f"{records[0].name}.svg", svg(picture, "none"))
    ours = "; ".join(said_of(study.setting) for study in studies)
    parts = [
        HEAD,
        "## Accuracies\n\nMean ± standard error over replicates; ± of the published is a deviation "
        f"of networks. Ensembles are of {studies[0].setting.members}.\n\n"
        + accuracy_table(studies),
        SCALE.format(ours=ours),
        "![Gains in units of the ensemble's](images/gains.svg)\n",
        "## A hundred networks against ten\n\n" + hundred_table(hundreds),
        HUNDRED.format(ours="; ".join(drawn(study) for study in hundreds)),
        "## Verdicts\n\nRanges were fixed before training. Where the source names a direction and "
        "no size, a bound is claimed, and replicates were planned for what networks of other seeds "
        "had shown.\n\n" + verdicts(every, "images"),
        "Judged by plans of their own, the same claims on MNIST:\n\n"
        + further_verdicts(every, "images"),
        "## What was seen\n",
        *(remarks(records) for records in every),
        "## Where it was computed\n\n"
        + "\n".join(provenance(f.name, r) for f, r in zip(folders, results, strict=True)),
    ]
    files.write(HERE / "images.md", "\n".join(parts).rstrip() + "\n")


if __name__ == "__main__":
    main()
