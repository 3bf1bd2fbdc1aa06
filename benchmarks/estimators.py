"""How well are the accuracies of distilled students predicted? Every estimator on every problem.

Usage: python benchmarks/estimators.py development|aside [--data DIR] [--keep FOLDER]
                                       [--scores FOLDER] [--processes N] [--fit] [--record]

For each problem students are trained at 24 settings, T in {1, 2, 4, 8} times Hinton's weight a_H in
{.05, .1, .25, .5, .75, .9}, besides soft labels alone and hard labels alone, all of a seed from the
same initial weights and in the same order of batches. An estimator sees the student of hard labels
and the runs it is given, its anchors, and predicts the 24.

`development` is what the estimators and all constants were fixed on; `aside` is the report on
problems that took no part in it, and is run once. DIR holds the real data, `distillation_real` says
which; without it the synthetic problems alone are used. FOLDER keeps what was trained (4 GB for
development) and what was scored: empty the latter when an estimator has changed. `--fit` prints the
constants of the blend and of the intervals, fitted to these problems.
"""

import argparse
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import distillation_advice as advice
import distillation_report as report
import numpy as np
from distillation_problems import Planned
from distillation_scores import ANCHORS, BLEND, NO_SPLIT, ONE, SEEDS, Scored, score
from distillation_sets import SEEN, aside, development
from rich.console import Console
from rich.progress import track

from validation.threads import one_thread

RECORDS = Path(__file__).parent / "records"
FIGURE = Path(__file__).parents[1] / "docs" / "estimators.png"


def train(which: str, data: Path | None, name: str, path: Path) -> None:
    """In a process of its own, which makes the lists anew: what makes a problem is no data."""
    (plan,) = (plan for plan in lists(which, data) if plan.name == name)
    with one_thread():
        plan.train(path)


def lists(which: str, data: Path | None) -> list[Planned]:
    return development(data) if which == "development" else aside(data)


def scored_at(trained: Path, path: Path | None) -> Scored:
    """Score, unless that was done."""
    if path and path.exists():
        return pickle.loads(path.read_bytes())
    found = score(trained)
    if path:
        path.write_bytes(pickle.dumps(found))
    return found


def record(which: str, scored: list[Scored]) -> str:
    """All tables."""
    count = len(scored)
    chapters = [
        ("Goals", "Set before the problems put aside were run.", advice.goals(scored)),
        ("Errors", "Root mean square over the 24 settings of (prediction - accuracy), means over "
         f"{SEEDS} seeds: median / mean / 90th percentile over {count} problems. All see the "
         "student of hard labels and the anchors, students of (T, a_H). Lines are through the "
         "accuracies of these, the one in w from soft labels alone being (12) in its test form; "
         "the mixtures are of logits; the blends are `advise` without a split and with one.",
         report.summary(scored)),
    ]  # fmt: skip
    if which == "aside":
        new = [one for one in scored if one.name not in SEEN]
        chapters.append((
            "Errors on problems never looked at before",
            f"The same for {len(new)} of them. The others were put aside for an earlier "
            "estimator, and its errors on them were known when this one was made, though none of "
            "its constants was fitted to them.", report.summary(new),
        ))  # fmt: skip
    chapters += [
        (f"Errors by kind, {anchors}", "Means over the problems of a kind.",
         report.by_kind(scored, anchors)) for anchors in ANCHORS
    ]  # fmt: skip
    chapters += [
        ("Worse than the simple estimators?", "Error less that of the best of no change, linear in "
         "a_H and linear in w, by problem.", report.harms(scored)),
        ("Intervals", "Of 90 %, for single students at settings that were not trained; all "
         "problems count the same. The factor is that by which all widths would have to change.",
         report.coverage(scored)),
        ("Intervals by kind", "What they hold, and the mean half-width.",
         report.coverage_by_kind(scored)),
    ]  # fmt: skip
    if which == "development":
        chapters.append((
            "Intervals of kinds left out", "Constants fitted without the kind that they are tried "
            "on, all anchors together.", report.kinds_left_out(scored),
        ))  # fmt: skip
    chapters += [
        ("Advice", "Accuracy lost, in the mean, against the best of the 24 settings and hard "
         "labels alone; accuracies are means over all seeds that were trained.",
         advice.regret(scored)),
        ("Worth", f'What `worth` said of {count} problems with {SEEDS} seeds each. "yes" is wrong '
         'where the setting advised is not better than hard labels alone, "no" where the best '
         f"setting is better by more than {report.number(report.HARM, 3)}.", advice.worth(scored)),
        ("Further runs", f"From {ONE}, trained as `next_run` says. Median / mean / 90th percentile "
         "of the errors; where no run is asked for, the prediction stays.",
         advice.followed(scored)),
    ]  # fmt: skip
    if any(one.printed for one in scored):
        chapters.append((
            "Hinton's loss as printed", "The problems trained so, by gradient descent with "
            "momentum; median / mean / 90th percentile.", advice.scaled(scored),
        ))  # fmt: skip
    chapters.append((
        "Every problem", f"K classes, n training samples, accuracies of the student of hard "
        f"labels, of the best setting and of the teacher; errors with {ONE}, then those of the "
        "blend with other anchors.", report.by_problem(scored),
    ))  # fmt: skip
    words = {"aside": "put aside", "development": "for development"}[which]
    head = f"# Estimators of distilled accuracy: {count} problems {words}\n\n"
    head += f"`python benchmarks/estimators.py {which} --data DIR --record`, {date.today()}.\n"
    return head + "".join(f"\n## {title}\n\n{text}\n\n{table}" for title, text, table in chapters)


def draw(scored: list[Scored], path: Path) -> None:
    """Error against the number of runs, median and range over the problems."""
    from matplotlib.figure import Figure

    looks = {
        "no change": ("x", "k"), "half copy": ("+", "k"), "(12) as printed": ("v", "w"),
        "linear in a_H": ("^", "w"), "linear in w": ("s", "w"), "balanced mixture": ("D", "0.7"),
        NO_SPLIT: ("o", "0.7"), BLEND: ("o", "k"),
    }  # fmt: skip
    names = list(looks)
    columns = {0: ONE} | {len(runs): anchors for anchors, runs in reversed(ANCHORS.items())}
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    ax = figure.subplots()
    for column, runs in enumerate(sorted(columns)):
        shown = names[2:] if runs else names[:2]
        for place, name in enumerate(shown):
            # (12) wants students of soft labels alone.
            anchors = columns[runs].replace(".1", "0" if name == "(12) as printed" else ".1")
            errors = np.array(report.all_errors(scored, anchors, name))
            x = column + 0.12 * (place - (len(shown) - 1) / 2)
            ax.plot([x, x], [errors.min(), errors.max()], ":", color="0.6")
            ax.plot([x, x], np.quantile(errors, [0.1, 0.9]), "-", color="0.4")
            marker, fill = looks[name]
            ax.plot(x, np.median(errors), marker, color=fill, markeredgecolor="k",
                    label=None if name in ax.get_legend_handles_labels()[1] else name,
                    linestyle="")  # fmt: skip
    ax.axhline(0.01, color="0.8", linewidth=0.8, zorder=0)
    ax.set_yscale("log")
    ax.set_ylim(bottom=max(5e-4, ax.get_ylim()[0]))
    ax.set_xticks(range(len(columns)), sorted(columns))
    ax.set_xlabel("distilled students trained besides the one of hard labels")
    ax.set_ylabel("error of the accuracy over 24 settings")
    ax.set_title(f"{len(scored)} problems put aside: median, 10 to 90 % (line), range (dots)",
                 fontsize=9)  # fmt: skip
    figure.legend(frameon=False, fontsize=8, loc="outside right upper")
    ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=160)


def each(
    words: str, processes: int, do: Callable, tasks: Iterable[tuple], console: Console
) -> Iterator:
    """Results in order, from as many processes."""
    todo = list(tasks)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(do, *task) for task in todo]
        for future in track(waiting, words, console=console, transient=True):
            yield future.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("which", choices=["development", "aside"])
    parser.add_argument("--data", type=Path, help="folder of the real data")
    parser.add_argument("--keep", type=Path, help="folder that keeps the logits of what is trained")
    parser.add_argument("--scores", type=Path, help="folder that keeps what was scored")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--fit", action="store_true", help="fit the constants, and print them")
    parser.add_argument(
        "--record", action="store_true", help="write the record, and for `aside` the figure"
    )
    given = parser.parse_args()
    console = Console(width=200)
    with tempfile.TemporaryDirectory() as scratch:
        keep = given.keep or Path(scratch)
        for folder in (keep, given.scores):
            if folder:
                folder.mkdir(parents=True, exist_ok=True)
        plans = lists(given.which, given.data)
        lacking = [(given.which, given.data, plan.name, keep / plan.file)
                   for plan in plans if not (keep / plan.file).exists()]  # fmt: skip
        list(each("Training", given.processes, train, lacking, console))
        tasks = [(keep / plan.file,
                  given.scores and (given.scores / plan.file).with_suffix(".pkl"))
                 for plan in plans]  # fmt: skip
        scored = list(each("Scoring", given.processes, scored_at, tasks, console))
        if given.fit:
            from distillation_blend import blends, curves
            from distillation_fit import fitted

            paths = [(keep / plan.file,) for plan in plans]
            console.print(blends(list(each("Blending", given.processes, curves, paths, console))))
            console.print(fitted(scored))
            return
    text = record(given.which, scored)
    console.print(text, markup=False)
    if given.record:
        (RECORDS / f"estimators-{given.which}.md").write_text(text, encoding="utf-8")
        if given.which == "aside":
            draw(scored, FIGURE)


if __name__ == "__main__":
    main()
