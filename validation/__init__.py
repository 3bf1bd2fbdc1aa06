"""The empirical checker: trains networks, measures what the theory predicts, gives verdicts.

Run it as ``python -m validation``; `read` gives a run's numbers as pandas frames, `compare` tells
two models on the same items apart. This package imports no torch; the room `training` does, and in
`experiments` what trains networks.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from validation.paired import compare, compare_all
    from validation.records.tables import read

__all__ = ["compare", "compare_all", "read"]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    # Not before it is asked for: the command must be there before what takes time to load.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "read":
        from validation.records import tables

        return tables.read
    from validation import paired

    return getattr(paired, name)
