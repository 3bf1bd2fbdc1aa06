"""Laws from what is written on the command line: a name, and settings such as variance=2."""

import dataclasses
import inspect
from typing import TYPE_CHECKING, Any

from mvtheory import catalogue

if TYPE_CHECKING:  # the commands that are not about laws do not wait for them
    from mvtheory.laws import Discrete

GROUP = "mvtheory.laws"
"""Entry points under which other packages offer laws: a name, and a dataclass that is a law."""
AFFINE = "affine"
"""The law that takes the name and the settings of another one besides its own."""


def named_laws() -> dict[str, Any]:
    """All laws of ours, by their names on the command line."""
    from mvtheory import laws

    return {name: getattr(laws, own) for name, own in catalogue.law_names().items()}


def law_from_text(name: str, settings: list[str]) -> Any:
    """The law of a name and settings such as aspect_ratio=0.1; lists are written 1,3.

    Parameters
    ----------
    name : str
        As `named_laws` has it, in Python's spelling too, or that of a law of another package.
    settings : list of str
        A setting for each parameter: numbers, lists 1,3, point masses 1:0.5,3:0.5, true and false.
        `affine` takes law=NAME, the settings of that law, and scale= and shift=.

    Raises
    ------
    ValueError
        For a name or a parameter that is not known, given twice or missing, and for values that
        are none.

    Examples
    --------
    >>> law_from_text("marchenko_pastur", ["aspect-ratio=0.25"])
    MarchenkoPastur(aspect_ratio=0.25, variance=1.0)
    >>> law_from_text("generalized-covariance", ["population=1:0.5,3:0.5", "aspect_ratio=2"]).atoms
    array([0.])
    >>> law_from_text("affine", ["law=semicircle", "variance=4", "scale=0.5", "shift=1"]).support
    ((-1.0, 3.0),)
    """
    kind = _kind_of_law(name)
    words = dict(_split(setting) for setting in _once(settings))
    if kind.__name__ == "Affine" and "law" in words:
        own: dict[str, str] = {k: words.pop(k) for k in ("scale", "shift") if k in words}
        inner = words.pop("law")
        fields = {f.name: f for f in dataclasses.fields(kind)}
        given = {key: _value(key, text, fields[key]) for key, text in own.items()}
        return kind(law=law_from_text(inner, [f"{k}={v}" for k, v in words.items()]), **given)
    fields = {f.name: f for f in dataclasses.fields(kind)}
    given = {}
    for key, text in words.items():
        if key not in fields:
            close = catalogue.nearest(key, fields)
            hint = f"did you mean {close!r}? " if close else ""
            raise ValueError(f"argument {key!r} is unknown: {hint}choose from {', '.join(fields)}")
        given[key] = _value(key, text, fields[key])
    missing = [
        f.name for f in fields.values()
        if f.default is dataclasses.MISSING and f.name not in given
    ]  # fmt: skip
    if missing:
        raise ValueError(f"argument {missing[0]!r} is missing: {name} needs {', '.join(missing)}")
    return kind(**given)


def _once(settings: list[str]) -> list[str]:
    names = [setting.partition("=")[0].replace("-", "_") for setting in settings]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"argument {name!r} is given twice: give it once")
    return settings


def _split(setting: str) -> tuple[str, str]:
    key, equals, text = setting.partition("=")
    if not equals or not text:
        raise ValueError(f"ARG={setting!r} is not of the form name=value, such as variance=2")
    return key.replace("-", "_"), text


def _kind_of_law(name: str) -> Any:
    """The class of a law of ours or, looked for only then, of an installed package."""
    known = named_laws()
    own = name if name in known else catalogue.spelled_as(name, known)
    if own:
        return known[own]
    from importlib.metadata import entry_points

    from mvtheory.laws import AbstractLaw

    offered = {point.name: point for point in entry_points(group=GROUP)}
    if name not in offered:
        close = catalogue.nearest(name, [*known, *offered])
        hint = f"did you mean {close!r}? " if close else ""
        raise ValueError(
            f"LAW={name!r} is unknown: {hint}choose from {', '.join([*known, *offered])}"
        )
    try:
        kind = offered[name].load()
    except Exception as error:
        raise ValueError(
            f"LAW={name!r} is {offered[name].value} (entry point of {GROUP}), which cannot be "
            f"loaded ({type(error).__name__}: {error}); mend or uninstall the package that has it"
        ) from error
    is_law = isinstance(kind, type) and issubclass(kind, AbstractLaw)
    if not (is_law and dataclasses.is_dataclass(kind)):
        raise ValueError(
            f"LAW={name!r} is {offered[name].value} (entry point of {GROUP}: a dataclass that "
            "inherits from mvtheory.laws.AbstractLaw); name such a class there"
        )
    return kind


def _value(key: str, text: str, field: Any) -> Any:
    try:
        if field.type in (bool, "bool"):
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if _is_law(field.type):
            return _points(text)
        if key == "population" and ":" in text:
            pairs = [part.split(":") for part in text.split(",")]
            return {float(atom): float(mass) for atom, mass in pairs}
        if field.type in (int, "int") and text.isdecimal():
            return int(text)
        if field.type in (float, int, "float", "int"):
            return float(text)
        return tuple(float(part) for part in text.split(","))
    except (ValueError, KeyError):
        raise ValueError(
            f"{key}={text!r} is not allowed (number, list 1,3, pairs 1:0.5,3:0.5, or true and "
            "false); write it so"
        ) from None


def _is_law(kind: Any) -> bool:
    from mvtheory.laws import AbstractLaw

    return inspect.isclass(kind) and issubclass(kind, AbstractLaw)


def _points(text: str) -> "Discrete":
    """Point masses 1:0.5,3:0.5, or equal ones at 1,3."""
    from mvtheory.laws import Discrete

    pairs = [part.split(":") for part in text.split(",")]
    atoms = [float(pair[0]) for pair in pairs]
    weights = [float(pair[1]) if len(pair) > 1 else 1 / len(pairs) for pair in pairs]
    return Discrete(atoms=atoms, weights=weights)
