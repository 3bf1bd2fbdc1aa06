"""Outputs of networks that two panels are about: the user's, or an example that is drawn here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SAMPLES, CLASSES = 400, 10


@dataclass(frozen=True, kw_only=True)
class Distillation:
    """What `mvtheory.distillation.advise` is asked about: `given` are its arguments.

    `code` is how to have them in Python, as a dictionary named given.
    """

    given: dict[str, Any]
    code: str


@dataclass(frozen=True, kw_only=True)
class Members:
    """What `mvtheory.ensembles.advise_ensemble` is asked about, likewise, by name."""

    given: dict[str, dict[str, Any]]
    codes: dict[str, str]


def example_of_distillation() -> dict[str, Any]:
    """Labels and logits of a student, a better teacher and a student of soft labels at T = 4.

    Nothing is trained: logits are twice the one-hot labels and noise, which the three share.

    Examples
    --------
    >>> from mvtheory.distillation import advise
    >>> advise(**example_of_distillation(), temperatures=[4], hard_weights=[0.1]).worth
    'yes'
    """
    from mvtheory.distillation import Anchor

    rng = np.random.default_rng(1)
    labels = rng.integers(CLASSES, size=SAMPLES)
    right, noise = 2 * np.eye(CLASSES)[labels], rng.normal(size=(SAMPLES, CLASSES))
    return {
        "labels": labels,
        "student": right + 1.5 * noise,
        "teacher": 2 * right + noise,
        "anchors": [Anchor(logits=right + noise, temperature=4)],
    }


def example_of_members(kind: str) -> dict[str, Any]:
    """Labels and logits of three networks that differ by "noise", or are a "lottery" of views.

    Examples
    --------
    >>> from mvtheory.ensembles import advise_ensemble
    >>> [advise_ensemble(**example_of_members(kind)).kind.name for kind in ("noise", "lottery")]
    ['variance reduction', 'lottery']
    """
    rng = np.random.default_rng(1)
    labels = rng.integers(CLASSES, size=SAMPLES)
    right, noise = np.eye(CLASSES)[labels], rng.normal(size=(3, SAMPLES, CLASSES))
    if kind == "noise":
        return {"labels": labels, "members": 2 * right + rng.normal(size=right.shape) + noise}
    # Of each class a network knows one of two views, and a sample shows one.
    known = rng.integers(2, size=(3, CLASSES))[:, labels] == rng.integers(2, size=SAMPLES)
    return {"labels": labels, "members": 9 * known[..., None] * right + noise}


def distillation_from_example() -> Distillation:
    """The example."""
    return Distillation(
        given=example_of_distillation(),
        code="from mvtheory.explore import example_of_distillation\n"
        "given = example_of_distillation()",
    )


def members_from_example() -> Members:
    """Both examples, by name."""
    kinds = ("lottery", "noise")
    return Members(
        given={kind: example_of_members(kind) for kind in kinds},
        codes={
            kind: "from mvtheory.explore import example_of_members\n"
            f'given = example_of_members("{kind}")'
            for kind in kinds
        },
    )


def distillation_from_files(
    labels: str, student: str, teacher: str, soft: Sequence[str], distilled: Sequence[str]
) -> Distillation:
    """Those of files, named as on the command line of `mvtheory advise`."""
    from mvtheory.advise import anchors_from_texts
    from mvtheory.reading import read_array

    anchors = anchors_from_texts(soft, distilled)
    texts = [*soft, *distilled]
    lines = [
        f"    Anchor(logits=read_outputs({text.rpartition('@')[0] or text!r}), "
        f"temperature={anchor.temperature:g}, hard_weight={anchor.hard_weight:g}, "
        f"beta={anchor.beta:g}),"
        for text, anchor in zip(texts, anchors, strict=True)
    ]
    return Distillation(
        given={
            "labels": read_array("--labels", labels),
            "student": read_array("--student", student),
            "teacher": read_array("--teacher", teacher),
            "anchors": anchors,
        },
        code="\n".join([
            "from mvtheory import read_outputs",
            "from mvtheory.distillation import Anchor",
            f'given = {{"labels": read_outputs({labels!r}), "student": read_outputs({student!r}),',
            f'         "teacher": read_outputs({teacher!r})}}',
            'given["anchors"] = [', *lines, "]",
        ]),
    )  # fmt: skip


def members_from_files(labels: str, members: Sequence[str]) -> Members:
    """Those of files, named as on the command line of `mvtheory ensemble`."""
    from mvtheory.ensemble import members_from_files as read
    from mvtheory.reading import read_array

    found = read(members)
    whole = not isinstance(found, list)
    listed = ", ".join(f"read_outputs({member!r})" for member in members)
    return Members(
        given={
            "files": {
                "labels": read_array("--labels", labels),
                "members": found,
            }
        },
        codes={
            "files": "from mvtheory import read_outputs\n"
            f'given = {{"labels": read_outputs({labels!r}),\n'
            f'         "members": {listed if whole else f"[{listed}]"}}}'
        },
    )
