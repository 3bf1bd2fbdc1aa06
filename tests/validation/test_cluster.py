"""A dask cluster that is silent, empty, frozen, killed or none at all; all on loopback."""

import http.server
import re
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import CancelledError

import psutil
import pytest

from validation import command
from validation.records import journal, shards
from validation.records.conclusion import conclude
from validation.running import cluster, completing, executors, runner
from validation.running.executors import WorkersLostError
from validation.trial import plan

pytestmark = pytest.mark.filterwarnings("ignore")  # distributed closes sockets late
PATIENCE = 300
"""Seconds; only a hang takes so long."""


@pytest.fixture
def quick_pulse(monkeypatch):
    """A run without workers looks for them ten times as often."""
    monkeypatch.setattr(completing, "PULSE", 0.2)


@pytest.fixture
def processes():
    """A list of processes to be killed at the end, also those that were stopped."""
    started: list[subprocess.Popen] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def scheduler(processes) -> dict[str, str]:
    """Addresses of a scheduler in a process of its own, and of its dashboard."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1",
            "--port", "0", "--dashboard-address", "127.0.0.1:0",
        ],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    processes.append(process)
    found: dict[str, str] = {}
    assert process.stderr is not None
    for line in process.stderr:
        if match := re.search(r"(Scheduler|dashboard) at:\s+(\S+)", line):
            found[match[1]] = match[2]
        if len(found) == 2:
            break
    threading.Thread(target=process.communicate, daemon=True).start()
    return found


def worker(address: str) -> subprocess.Popen:
    """As the message about missing workers says, and on loopback."""
    return subprocess.Popen(
        [
            sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1",
            "--host", "127.0.0.1", "--no-dashboard",
        ],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def silent() -> socket.socket:
    """A port that takes connections and says nothing."""
    return socket.create_server(("127.0.0.1", 0))


def address_of(port: socket.socket) -> str:
    return f"tcp://127.0.0.1:{port.getsockname()[1]}"


@pytest.mark.parametrize("command_line", [["run"], ["run", "--dry-run"]])
def test_a_silent_port_is_one_line_after_a_limit(command_line, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    monkeypatch.setattr(plan, "make", lambda *_: plan.Plan("quick", 0, (), (), 0.9))
    with silent() as port:
        address = address_of(port)
        code = command.main([*command_line, "--scheduler", address, "--out", str(tmp_path)])
    assert code == 2
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    assert f"scheduler='{address}' does not answer within 1 s: give the address" in errors


def test_what_is_no_scheduler_is_named(scheduler, processes, monkeypatch):
    patience = cluster.PATIENCE
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    dashboard = scheduler["dashboard"]
    cases = [
        (address_of(server.socket), "does not answer within 1 s"),
        (dashboard, "does not answer .*unknown address scheme 'http'"),
        (f"tcp://{dashboard.split('/')[2]}", "does not answer within 1 s"),
        ("tcp://127.0.0.1:9", "does not answer within 1 s"),
        ("127.0.0.1", "does not answer .*missing port number"),
        ("", "does not answer .*missing port number"),
        ("tls://127.0.0.1:9", "does not answer .*TLS"),
    ]
    for address, words in cases:
        with pytest.raises(ValueError, match=f"scheduler='{address}' {words}.*'Scheduler at'"):
            cluster.check(address)
    server.shutdown()
    server.server_close()
    monkeypatch.setattr(cluster, "PATIENCE", patience)  # who answers may be slow
    cluster.check(scheduler["Scheduler"])
    local = pytest.importorskip("distributed").LocalCluster(
        n_workers=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", processes=False,
        protocol="tcp", silence_logs=50,
    )  # fmt: skip
    with local, pytest.raises(ValueError, match=r"is a worker: give the address"):
        cluster.check(local.workers[0].address)


def test_without_workers_it_says_so_and_waits(
    scheduler, processes, small_plan, tmp_path, caplog, quick_pulse
):
    """Said before anything else; the command in the line starts a worker, and the run goes on."""
    address, advised = scheduler["Scheduler"], []

    def advise(record) -> bool:
        line = record.getMessage()
        if match := re.search("`dask worker (.*) --nthreads 1`", line):
            advised.append(line)
            processes.append(worker(match[1]))
        return True

    cluster.log.addFilter(advise)
    try:
        with cluster.cluster(address) as pool:
            runner.run(tmp_path, small_plan.with_replicates([3]), pool)
    finally:
        cluster.log.removeFilter(advise)
    assert len(advised) == 1
    assert "No worker is at the scheduler" in advised[0]
    assert caplog.messages[-1] == "A worker is there: going on."
    assert len(shards.shard_paths(tmp_path)) == 3


def test_without_workers_a_budget_ends_it(scheduler, small_plan, tmp_path, quick_pulse):
    with cluster.cluster(scheduler["Scheduler"]) as pool:
        runner.run(tmp_path, small_plan, pool, minutes=1 / 60)
    (deviation,) = conclude(tmp_path).deviations
    assert "the time allowed was used up" in deviation


def test_missing_workers_are_said_now_and_then(monkeypatch, caplog):
    class Client:
        scheduler = type("Scheduler", (), {"address": "tcp://there", "ncores": None})
        threads = iter([{}, {}, {}, {}, {"a": 1, "b": 2}, {}])

        def sync(self, *_, **__):
            return next(self.threads)

    clock = iter([0.0, 30.0, 70.0, 100.0, 200.0])
    monkeypatch.setattr(cluster.time, "monotonic", lambda: next(clock))
    width = cluster.Width(Client())
    assert [width(None) for _ in range(6)] == [0, 0, 0, 0, 6, 0]
    first, still, going, again = caplog.messages
    assert first.startswith("No worker is at the scheduler")
    assert first == again
    assert still == "Still no worker at tcp://there after 1 min."
    assert going == "A worker is there: going on."


@pytest.mark.parametrize(
    "end",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGSTOP, marks=pytest.mark.slow),
    ],
)
def test_a_scheduler_that_is_gone_is_one_line(
    end, scheduler, processes, brief, monkeypatch, capsys
):
    """Killed, stopped in order, or frozen: what is finished is kept, and the command resumes."""
    monkeypatch.setattr(cluster, "PATIENCE", 3.0)
    processes.append(worker(scheduler["Scheduler"]))
    stored = []

    def store_one(*arguments, original=completing._store):
        original(*arguments)
        stored.append(1)
        if len(stored) == 2:
            processes[0].send_signal(end)

    monkeypatch.setattr(completing, "_store", store_one)
    arguments = ["run", "--out", str(brief)]
    assert command.main([*arguments, "--scheduler", scheduler["Scheduler"]]) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith(f"validation: the scheduler at {scheduler['Scheduler']} does not answer")
    assert line.endswith("Everything finished is kept")
    before = {p: p.stat().st_mtime_ns for p in shards.shard_paths(brief)}
    assert 2 <= len(before) < 6
    assert list(journal.events(brief))[-1]["reason"] == "workers lost"
    assert command.main(arguments) in (0, 1, 3)
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_a_local_cluster_listens_to_this_machine_only():
    others = psutil.Process().children(recursive=True)  # of other tests, as a browser's driver
    with cluster.cluster(workers=1) as pool:
        pool.make().submit(int).result(PATIENCE)
        started = [p for p in psutil.Process().children(recursive=True) if p not in others]
        listening = [
            connection.laddr.ip
            for process in [psutil.Process(), *started]
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
    assert len(listening) >= 4  # scheduler, dashboard, nanny and worker
    assert set(listening) == {"127.0.0.1"}


def test_faults_of_workers_are_told_from_those_of_shards():
    from distributed import KilledWorker

    told = {
        CancelledError(): "does not answer any more",
        KilledWorker("a", None, 10): "use fewer workers",
        ModuleNotFoundError(name="torch"): "a worker has no module 'torch'",
    }
    for error, words in told.items():
        assert words in cluster.lost(error, "tcp://there")
    assert cluster.lost(ValueError("the shard itself"), "tcp://there") is None


@pytest.mark.parametrize("blamed", [True, False])
def test_a_fault_of_the_workers_ends_the_run_with_advice(blamed, small_plan, tmp_path):
    class Failing(executors.Serial):
        def submit(self, *_):
            return super().submit(self.end)

        def end(self):
            raise ZeroDivisionError("the shard itself")

    words = "use other workers" if blamed else None
    pool = executors.Pool("failing", Failing, lambda _: 1, lost=lambda error: words)
    kind = WorkersLostError if blamed else ZeroDivisionError
    with pytest.raises(kind, match=words or "the shard itself"):
        runner.run(tmp_path, small_plan, pool)
