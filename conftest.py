"""For all tests: what they must not depend on, how long properties are searched, and the order."""

import os

# Before numpy is loaded: the matrices are small, and threads of a product wait for each other.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from tests.shape_checks import install  # noqa: E402

# Before anything of mvtheory is imported. It costs a quarter of the time, so not always: a test
# runs the examples so, which call every public function; `SHAPES=checked pytest` runs all.
if os.environ.get("SHAPES") == "checked":
    install()

# No property has a budget of its own: the profile decides. A fault on a tenth of the domain
# escapes 25 examples with probability 1/14, 200 with 1e-9. How long an example takes depends on
# what else the machine does, and on what is drawn.
settings.register_profile(
    "suite",
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "nightly", settings.get_profile("suite"), max_examples=200, derandomize=False, print_blob=True
)
settings.load_profile("suite")

pytest_plugins = ["pytester"]
LONGEST = ("README.md", "tests/test_notebooks.py", "tests/test_correlated_starts.py")
"""Scopes that one process works at for long: first, so that no process waits for them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
