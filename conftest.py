"""For all tests: what they must not depend on, and processes that run beside each other."""

import os

# Before numpy is loaded: the matrices are small, and threads of a product wait for each other.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from hypothesis import settings  # noqa: E402

# How long an example takes depends on what else the machine does.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
