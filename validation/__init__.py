"""The empirical checker: trains networks, measures what the theory predicts, gives verdicts.

Run it as ``python -m validation``. This package imports no torch; its modules ``networks``,
``training``, ``measure`` and the experiments do.
"""
