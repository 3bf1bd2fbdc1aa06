"""A number has the same bits whatever threads the caller's libraries have, and wherever it is made.

The matrices are large enough for OpenBLAS to share them among threads: with more than one the last
bits differ. In processes of their own, since a library reads its variable when it is loaded.
"""

import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import scipy.linalg  # noqa: F401
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from validation.claims import CLAIMS
from validation.experiments import experiments
from validation.running import task
from validation.threads import one_thread

VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
DIGESTS = """
import json
from validation.running import executors
from validation.trial import identity, plan
from validation.claims import CLAIMS
from validation.experiments.kernels import setting as kernels
from validation.experiments.mixing import setting as mixing
from validation.running.task import Task, compute

def digests(submit):
    found = [submit(compute, Task(setting, 5, 0, "cpu", False)) for setting in settings]
    return [identity.sha256(identity.canonical(future.result()[0])) for future in found]

if __name__ == "__main__":
    settings = [kernels.settings("quick")[0].shortened(3), mixing.settings("quick")[0]]
    # Planning, too, computes with the matrices that a shard then finds computed.
    planned = plan.make([CLAIMS["hilbert-bounds"]], "smoke", 0).name
    with executors.Processes(2) as pool:
        print(json.dumps([planned, digests(executors.Serial().submit), digests(pool.submit)]))
"""
WITHIN = """
import json
from threadpoolctl import threadpool_info
import torch
from validation.running import task
from validation.claims import CLAIMS

within, own = {}, task.measure

def measure(setting, *arguments):
    try:
        return own(setting, *arguments)
    finally:
        within[setting.experiment] = [torch.get_num_threads()] + [
            pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"
        ]

task.measure = measure
for claim in CLAIMS.values():
    for setting in claim.settings("smoke"):
        if setting.experiment not in within:
            task.compute(task.Task(setting.shortened(1), 0, 0, "cpu", False))
print(json.dumps(within))
"""


def printed(code: str, threads: int | None, folder) -> list | dict:
    """What a script prints where the libraries are told this number of threads, or nothing."""
    script = folder / "script.py"
    script.write_text(code)
    others = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    told = {} if threads is None else dict.fromkeys(VARIABLES, str(threads))
    done = subprocess.run(
        [sys.executable, str(script)], env=others | told, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def with_one(tmp_path_factory):
    return printed(DIGESTS, 1, tmp_path_factory.mktemp("one"))


def test_processes_and_the_driver_agree(with_one):
    _, serial, parallel = with_one
    assert serial == parallel
    assert len(set(serial)) == 2


@pytest.mark.parametrize("threads", [pytest.param(None, marks=pytest.mark.slow), 2])
def test_the_environment_changes_no_bit(threads, with_one, tmp_path):
    assert printed(DIGESTS, threads, tmp_path) == with_one


def test_every_experiment_computes_with_one_thread(tmp_path):
    """Also with libraries that it loads itself, in the first shard of a process."""
    within = printed(WITHIN, 2, tmp_path)
    # It has files alone, and the trainer of "images".
    assert set(experiments()) - set(within) == {"image hundred"}
    for threads in within.values():
        assert len(threads) >= 3  # torch, and the BLAS of numpy and of scipy
        assert set(threads) == {1}


def pools() -> dict[str, int]:
    """Threads of every pool, as seen by this thread."""
    own = {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()}
    return own | {"torch": torch.get_num_threads()}


@pytest.fixture
def two_threads():
    """As on a machine with two cores, whatever this one has."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    with threadpool_limits(2):
        if set(pools().values()) != {2}:
            pytest.skip("a pool here does not take two threads")
        yield
    torch.set_num_threads(before)


def test_the_caller_gets_its_threads_back(two_threads):
    with one_thread():
        assert set(pools().values()) == {1}
        with one_thread():
            assert set(pools().values()) == {1}
        assert set(pools().values()) == {1}
    assert set(pools().values()) == {2}
    with pytest.raises(ZeroDivisionError), one_thread():
        _ = 1 / 0
    assert set(pools().values()) == {2}


@pytest.mark.parametrize("first_leaves", [0, 1])
def test_threads_that_overlap_do_not_free_each_other(first_leaves, two_threads):
    """A dask worker may have several threads; OpenBLAS has one limit for all of them."""
    inside, leave, left, seen = (
        [threading.Event() for _ in range(2)], [threading.Event() for _ in range(2)],
        [threading.Event() for _ in range(2)], {},
    )  # fmt: skip

    def compute(number: int) -> None:
        with one_thread():
            inside[number].set()
            leave[number].wait(60)
            seen[number] = pools()
        left[number].set()

    workers = [threading.Thread(target=compute, args=(number,)) for number in range(2)]
    for number, worker in enumerate(workers):
        worker.start()
        inside[number].wait(60)
    for number in (first_leaves, 1 - first_leaves):
        leave[number].set()
        left[number].wait(60)
    for worker in workers:
        worker.join()
    assert [set(found.values()) for found in seen.values()] == [{1}, {1}], seen
    assert set(pools().values()) == {2}


@pytest.mark.parametrize("claim", ["hilbert-bounds", "distilled-accuracy"])
def test_planning_computes_with_one_thread(claim, two_threads, monkeypatch):
    from validation.trial import plan

    seen, design = [], plan.design
    monkeypatch.setattr(plan, "design", lambda *a: (seen.append(pools()), design(*a))[1])
    plan.make([CLAIMS[claim]], "smoke", 0)
    assert set(seen[0].values()) == {1}


def test_a_shard_leaves_no_thread_limited(two_threads):
    (setting, *_) = CLAIMS["single-view"].settings("smoke")
    tables, _ = task.compute(task.Task(setting.shortened(1), 0, 0, "cpu", False))
    assert np.isfinite([row["coverage"] for row in tables["networks"]]).all()
    assert set(pools().values()) == {2}
