"""Panel: what ensembles and students cover and get wrong, against the number of networks."""

from functools import partial
from typing import Any

from mvtheory.arguments import CLASSES, NETWORKS, PRESENCE, SINGLE_VIEW_FRACTION, VIEWS
from mvtheory.coverage import accuracy, distilled, ensemble, single_network, test_error
from mvtheory.explore.closed import Closed, Curves, Term
from mvtheory.explore.controls import Slider
from mvtheory.explore.equations import of_formula
from mvtheory.explore.panel import EVERY, Panel
from mvtheory.explore.picture import Axis

UP_TO = tuple(range(1, 21))
against_networks = partial(Curves, over=NETWORKS, values=UP_TO, x=Axis(label="networks N"))


def panel() -> Panel:
    known = {"ensemble": Term(ensemble), "student of it": Term(distilled),
             "one network": Term(single_network)}  # fmt: skip
    errors = {name: Term(test_error, {"coverage": term}) for name, term in known.items()}
    right = Term(accuracy)
    return Panel(
        name="coverage",
        title="Coverage",
        words=(
            "Each network learns one view of each class; an ensemble covers what any member knows, "
            "and its student one view more, which its own start favours. Errors follow on data "
            "with single-view samples, accuracies on data that shows each view with probability p."
        ),
        controls=(
            Slider(argument=VIEWS, values=tuple(range(1, 13)), start=2),
            Slider(argument=NETWORKS, values=UP_TO, start=5),
            Slider(argument=SINGLE_VIEW_FRACTION, values=steps(0, 1, 40), start=0.1),
            Slider(argument=PRESENCE, values=steps(0, 1, 40), start=0.7),
            Slider(argument=CLASSES, values=(2, 3, 4, 5, 10, 20, 50, 100, 1000), start=10),
        ),
        picture=Closed(
            plots=(
                against_networks(title="Coverage C", terms=known,
                                 y=Axis(label="coverage, share of pairs", low=0, high=1)),
                against_networks(title="Test error e", terms=errors,
                                 y=Axis(label="test error, share of samples", low=0)),
                against_networks(title="Accuracy a", terms={"ensemble": right},
                                 y=Axis(label="accuracy, share of samples", low=0, high=1)),
            ),
            numbers={
                "coverage of the ensemble": known["ensemble"],
                "coverage of its student": known["student of it"],
                "test error of the ensemble": errors["ensemble"],
                "test error of its student": errors["student of it"],
                "accuracy, views present with probability p": right,
            },
        ),
        equations=lambda: {EVERY: _equations()},
        calls={
            EVERY: "from mvtheory import coverage\n"
            "known = coverage.ensemble(views={views}, networks={networks})\n"
            "student = coverage.distilled(views={views}, networks={networks})\n"
            "coverage.test_error(coverage=known, single_view_fraction={single_view_fraction}, "
            "classes={classes})\n"
            "coverage.accuracy(classes={classes}, views={views}, networks={networks}, "
            "presence={presence})\n"
            "known"
        },
    )  # fmt: skip


def _equations() -> list[Any]:
    return [
        of_formula(ensemble, "C_ensemble"),
        of_formula(distilled, "C_student"),
        of_formula(test_error),
        of_formula(accuracy),
    ]


def steps(low: float, high: float, count: int) -> tuple[float, ...]:
    """Evenly spaced, each the double nearest to its decimal."""
    return tuple(round(low + (high - low) * i / count, 12) for i in range(count + 1))
