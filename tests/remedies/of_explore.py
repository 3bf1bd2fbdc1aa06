"""Errors of the explorer: its controls, its server and its command."""

import tempfile
from pathlib import Path

import numpy as np
from remedy import Remedy

from mvtheory.arguments import PRESENCE
from mvtheory.explore.command import panels_of, write_page
from mvtheory.explore.controls import Choice, Slider
from mvtheory.explore.outputs import distillation_from_example, members_from_example
from mvtheory.explore.panels import all_panels
from mvtheory.explore.server import Explorer

PLACES = ("mvtheory/explore",)
FOLDER = Path(tempfile.mkdtemp(prefix="remedies-"))
LABELS, ONE, OTHER = (str(FOLDER / f"{name}.npy") for name in ("labels", "one", "other"))
RNG = np.random.default_rng(0)
np.save(LABELS, RNG.integers(3, size=20))
for file in (ONE, OTHER):
    np.save(file, RNG.normal(size=(20, 3)))

PANELS = all_panels(distillation_from_example(), members_from_example())
COVERAGE = PANELS[0]
SLIDER = Slider(argument=PRESENCE, values=(0.0, 0.5, 1.0), start=0.5, typed=False)
CHOICE = Choice(name="law", meaning="which law", options=("semicircle", "wachter"))


def listening(port: int = 0, taken: bool = False):
    """A server that is opened and closed again; on a port that another one has, if taken."""

    def call() -> None:
        with (
            Explorer((COVERAGE,)) as other,
            Explorer((COVERAGE,), other.server_port if taken else port),
        ):
            pass

    return call


def panels(labels: str | None = None, student: str | None = None, teacher: str | None = None,
           members: tuple[str, ...] = ()):  # fmt: skip
    return lambda: panels_of(labels, student, teacher, [], [], list(members))


REMEDIES = [
    Remedy(
        lambda: Slider(argument=PRESENCE, values=(0, 1), start=0.5),
        "start=0.5.*choose them so",
        lambda: Slider(argument=PRESENCE, values=(0, 0.5, 1), start=0.5),
    ),
    Remedy(lambda: SLIDER.read("half"), "presence='half'.*such as 0.5", lambda: SLIDER.read("0.5")),
    Remedy(
        lambda: SLIDER.read("0.7"),
        "presence=0.7.*choose one that is computed: 0, 0.5, 1",
        lambda: SLIDER.read("0.5"),
    ),
    Remedy(
        lambda: CHOICE.read("zipf"),
        "law='zipf'.*choose from semicircle, wachter",
        lambda: CHOICE.read("wachter"),
    ),
    Remedy(
        lambda: COVERAGE.read({"M": "3"}),
        "'M' is unknown: coverage has views",
        lambda: COVERAGE.read({"views": "3"}),
    ),
    Remedy(listening(-1), "port=-1 is not allowed.*0 for any", listening(0)),
    Remedy(listening(taken=True), "cannot be had.*choose another, or none", listening()),
    Remedy(
        panels(labels=LABELS, student=ONE),
        "--student, --teacher go together",
        panels(labels=LABELS, student=ONE, teacher=OTHER),
    ),
    Remedy(
        panels(members=(ONE, OTHER)),
        "--labels go with.*name the file of labels",
        panels(labels=LABELS, members=(ONE, OTHER)),
    ),
    Remedy(
        lambda: write_page((COVERAGE,), FOLDER / "page.txt"),
        "must end in .html",
        lambda: write_page((COVERAGE,), FOLDER / "page.html"),
    ),
]
