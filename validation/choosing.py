"""Which claims a command is about: by name, by chapter, from outside, by what they need."""

import os
import sys
from dataclasses import replace

from mvtheory.console import say
from validation.claims import CHAPTERS, CLAIMS, installed, register
from validation.trial.claim import Claim


def check_names(names: list[str]) -> None:
    """Refuse what is no claim's name."""
    for name in names:
        if name not in CLAIMS:
            raise ValueError(
                f"CLAIM={name!r} is not known; choose from {', '.join([*CLAIMS, *CHAPTERS])}, or "
                "name none to take them all; of one of your own give the module too, by --claims "
                "MODULE"
            )


def take(modules: list[str] | None) -> list[str]:
    """Put claims from outside on the list; the names of those of the modules.

    After them come those of installed packages; what is broken there is told, and left out.
    """
    if modules and not {"", os.getcwd()} & set(sys.path):
        sys.path.insert(0, os.getcwd())  # as for `python -m`
    names = [name for module in modules or [] for name in register(module)]
    for line in installed():
        print(f"validation: {line}", file=sys.stderr)
    return names


def affordable(claims: list[Claim], preset: str) -> list[Claim]:
    """Those of a run of all; of others, too costly for it, it is told how they are had."""
    if left := [claim.name for claim in claims if preset in claim.costly]:
        say(
            f"Left out, for what they cost at {preset}: {', '.join(left)}. Run them by their names."
        )
    return [claim for claim in claims if claim.name not in left]


def without_files(claims: list[Claim], preset: str) -> list[Claim]:
    """Those that need no files; of others it is told what they lack."""
    kept = [claim for claim in claims if not any(s.files for s in claim.settings(preset))]
    if left := [claim.name for claim in claims if claim not in kept]:
        say(f"Left out, for they need images: {', '.join(left)}. Give their folder by --data.")
    return kept


def of_source(source: str, claims: list[Claim], preset: str) -> list[Claim]:
    """These claims on this source of images alone, without those that have nothing of it."""
    # Settings that are not about images have no source.
    settings = {
        claim.name: [(getattr(s, "source", ""), s) for s in claim.settings(preset)]
        for claim in claims
    }
    own = {name: tuple(s for of, s in every if of == source) for name, every in settings.items()}
    if not any(own.values()):
        known = sorted({of for every in settings.values() for of, _ in every if of})
        raise ValueError(
            f"source={source!r} is not allowed: the claims chosen have "
            f"{', '.join(map(repr, known)) or 'no images'} at --preset {preset}; give one of "
            "these, or other claims"
        )

    def on_it(claim: Claim) -> Claim:
        return replace(claim, settings=lambda preset: own[claim.name])

    return [on_it(claim) for claim in claims if own[claim.name]]


def with_settings(names: list[str], preset: str) -> list[str]:
    """These names, each of which must have something to train at the preset."""
    for name in names:
        if not CLAIMS[name].settings(preset):
            files = any(setting.files for setting in CLAIMS[name].settings("standard"))
            raise ValueError(
                f"CLAIM={name!r} is not allowed with --preset {preset}, at which it has nothing to "
                "train; give --preset standard or full"
                + (", and the folder of its files by --data" if files else "")
            )
    return names
