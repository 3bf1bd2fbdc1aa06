"""What a package offers without loading it: a module is imported when a name of it is asked for."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazily(
    package: dict[str, Any], homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package, given its globals() and the names in its modules.

    Examples
    --------
    >>> package = {"__name__": "mvtheory", "__all__": ["expand"]}
    >>> find, names = lazily(package, {"ranges": ("expand",)})
    >>> find("expand").__name__, names()
    ('expand', ['expand'])
    """
    name = package["__name__"]

    def find(wanted: str) -> Any:
        for home, offered in homes.items():
            if wanted in offered:
                package[wanted] = getattr(import_module(f"{name}.{home}"), wanted)
                return package[wanted]
        raise AttributeError(f"module {name!r} has no attribute {wanted!r}")

    return find, lambda: sorted(package["__all__"])
