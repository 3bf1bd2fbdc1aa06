"""The empirical checker: trains networks, measures what the theory predicts, gives verdicts.

Run it as ``python -m validation``; `read` gives a run's numbers as pandas frames. This package
imports no torch; the room `training` does, and in `experiments` what trains networks.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from validation.records.tables import read

__all__ = ["read"]


def __getattr__(name: str) -> Any:
    # Not before it is asked for: the command must be there before what takes time to load.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from validation.records import tables

    return getattr(tables, name)
