"""The empirical checker: trains networks, measures what the theory predicts, gives verdicts.

Run it as ``python -m validation``; `read` gives a run's numbers as pandas frames. This package
imports no torch; its modules ``networks``, ``mlp``, ``descent``, ``training``, ``mlp_training``,
``measure`` and the experiments' training do.
"""

from validation.store import read

__all__ = ["read"]
