"""The libraries that an installation may have or lack, by the extra that brings them."""

import re
from functools import cache
from pathlib import Path

MODULES = {"pillow": "PIL", "scikit-learn": "sklearn"}
"""Of distributions, what is imported, where it is not their name."""
ADDS = {
    "validation": "trains networks and puts the claims on trial: python -m validation run",
    "files": "outputs from .pt, .pth and .parquet files",
    "cluster": "runs on many machines: python -m validation run --workers, --scheduler",
    "timestamp": "plans whose time an authority signs: python -m validation run --timestamp",
    "notebooks": "what executes the notebooks",
    "docs": "the documentation: python -m mvtheory.docs",
    "test": "the tests: python -m pytest",
}
"""What each extra is for."""


@cache
def requirements() -> dict[str, tuple[str, ...]]:
    """The distributions that each extra brings, in the order of pyproject.toml; "" is the base.

    Of a source tree by its pyproject.toml, else by what the installation says of itself.

    Examples
    --------
    >>> "scipy" in requirements()[""], "torch" in requirements()["validation"]
    (True, True)
    """
    told = Path(__file__).parents[1] / "pyproject.toml"
    if told.is_file():
        import tomllib

        project = tomllib.loads(told.read_text(encoding="utf-8"))["project"]
        lines = {"": project["dependencies"], **project["optional-dependencies"]}
    else:
        from importlib import metadata

        lines = {}
        for line in metadata.requires("mvtheory") or ():
            of = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", line)
            lines.setdefault(of[1] if of else "", []).append(line)
    return {extra: tuple(dict.fromkeys(_names(lines, extra))) for extra in lines}


def _names(lines: dict[str, list[str]], extra: str) -> list[str]:
    """Distributions of an extra, with those of the extras that it names."""
    found = []
    for line in lines.get(extra, []):
        inner = re.match(r"mvtheory\[([^\]]*)\]", line)
        if inner:
            found += [name for own in inner[1].split(",") for name in _names(lines, own.strip())]
        elif name := re.match(r"[\w.-]+", line):
            found.append(name[0])
    return found


def module_of(distribution: str) -> str:
    """What is imported of a distribution.

    >>> module_of("scikit-learn"), module_of("rfc3161-client")
    ('sklearn', 'rfc3161_client')
    """
    return MODULES.get(distribution, distribution.replace("-", "_"))


def lacking(extra: str) -> list[str]:
    """The distributions of an extra that are not installed."""
    return [name for name in requirements()[extra] if version_of(name) is None]


def version_of(distribution: str) -> str | None:
    """The version that is installed, or None."""
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def remedy(module: str | None) -> str | None:
    """One line that names the extra of a module that is not there; None if no extra has it.

    >>> remedy("sklearn.datasets")
    'scikit-learn is not installed, and this needs it: pip install "mvtheory[validation]"'
    >>> remedy("nobody.home")
    """
    top = (module or "").partition(".")[0]
    for extra, names in requirements().items():
        for name in names:
            if module_of(name) == top:
                whole = f"mvtheory[{extra}]" if extra else "mvtheory"
                return f'{name} is not installed, and this needs it: pip install "{whole}"'
    return None
