"""What a shell completes: rooms, names, and the arguments of what was named."""

from collections.abc import Iterator

import typer

from mvtheory import catalogue


def rooms(incomplete: str) -> list[str]:
    """Rooms of the list that begin so.

    >>> rooms("th")
    ['theorems']
    """
    return _beginning(incomplete, [*catalogue.ROOMS, catalogue.CLAIMS])


def names(incomplete: str) -> list[str]:
    """Names of all that can be shown.

    >>> names("networks_for_full_coverage_")
    ['networks_for_full_coverage_bound']
    """
    return _beginning(incomplete, [*catalogue.formulas(), *catalogue.known_names(), *_claims()])


def formulas(incomplete: str) -> list[str]:
    """Names of formulas and theorems, alone and with their rooms."""
    return _beginning(incomplete, [*catalogue.formulas(), *_places()])


def laws(incomplete: str) -> list[str]:
    """Names of laws on the command line.

    >>> laws("marchenko")
    ['marchenko-pastur']
    """
    return _beginning(incomplete, list(catalogue.law_names()))


def settings(context: typer.Context, incomplete: str) -> list[str]:
    """Arguments of the formula or law that was named, as far as they are not given."""
    named = context.params.get("name") or context.params.get("words") or ""
    first, *given = [named] if isinstance(named, str) else named
    every = [*given, *(context.params.get("settings") or [])]
    used = {word.partition("=")[0] for word in every}
    return _beginning(incomplete, [f"{n}=" for n in _arguments(first) if n not in used])


def words(context: typer.Context, incomplete: str) -> list[str]:
    """Formulas, and the arguments of the first one."""
    given = context.params.get("words") or []
    own = settings(context, incomplete) if given else []
    return own + formulas(incomplete)


def _arguments(name: str) -> list[str]:
    law = catalogue.law_names().get(name)
    if law is None:
        item = catalogue.formulas().get(name.rpartition(".")[2]) or catalogue.formulas().get(name)
        return [] if item is None else list(item.domain)
    from dataclasses import fields

    from mvtheory import laws as every

    return [field.name for field in fields(getattr(every, law))]


def _places() -> Iterator[str]:
    closed = catalogue.formulas()
    return (p for p in catalogue.known_names() if "." in p and p.partition(".")[2] in closed)


def _claims() -> list[str]:
    try:
        return [*catalogue.claims()]
    except ValueError:
        return []


def _beginning(incomplete: str, choices: list[str]) -> list[str]:
    """Those that begin so, hyphens and underscores alike."""
    begun = incomplete.replace("-", "_")
    return [own for own in dict.fromkeys(choices) if own.replace("-", "_").startswith(begun)]
