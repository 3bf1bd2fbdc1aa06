"""Errors of the checker: of its command, its folders and its settings."""

import itertools
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from gpu_of_validation import GPU
from images_of_validation import IMAGES
from networks_of_validation import NETWORKS
from paired_of_validation import PAIRED
from remedy import Remedy
from settings_of_validation import SETTINGS

from mvtheory.references import Source
from validation import calibration as calibrate
from validation import choosing, claims, command, experiments
from validation import options as options_of
from validation.claims import CLAIMS
from validation.drafting import draft
from validation.experiments.lottery import setting as lottery
from validation.experiments.one_shot.setting import population
from validation.records import ledger, shards, tables, timestamps
from validation.records import plans as stored
from validation.records.conclusion import conclude
from validation.records.gathered import observed
from validation.records.lock import alone
from validation.report.against import against
from validation.report.paper import write_figure
from validation.running import cluster, task, verifying
from validation.statements import Statement
from validation.testing import rehearse, train
from validation.training import packing
from validation.trial import identity
from validation.trial import plan as plans
from validation.trial.claim import Expectation, Sample, paired_difference
from validation.trial.verdict import Case, judge

PLACES = ("validation",)
PAPER = Source("allenzhu2023", "Theorem 1")


def folder() -> Path:
    return Path(tempfile.mkdtemp())


# The command, on one claim with networks of two steps.


@contextmanager
def small() -> Iterator[None]:
    (setting,) = lottery.settings("smoke")
    claim = replace(CLAIMS["single-view"], settings=lambda preset: (setting.shortened(2),))
    with ExitStack() as stack:
        stack.enter_context(patch.dict(plans.TARGETS, quick=0.0))
        stack.enter_context(patch.object(command, "CLAIMS", {"single-view": claim}))
        yield


def run(claims: list[str] | None = None, **options: Any) -> Path:
    """A run, with its folder; nothing but a verdict may end it."""
    out = options.pop("out", None) or folder()
    with small(), suppress(typer.Exit):
        command.run(claims, device=command.Device.cpu, out=out, **options)
    assert options.get("dry_run") or (out / "report.html").exists()
    return out


dry = partial(run, dry_run=True)


@cache
def finished() -> Path:
    """The folder of a run, for what only reads it."""
    return run()


def pool(*options: str | None) -> None:
    with options_of.pool_for(*options):
        pass


def without(module: str, call: Callable[[], Any]) -> Any:
    with patch.dict("sys.modules", {module: None}):
        return call()


def on_gpu(available: bool, device: str) -> str:
    with patch("torch.cuda.is_available", lambda: available):
        return task.resolve_device(device)


def without_memory() -> None:
    with patch.object(packing, "available_bytes", lambda device: 0):
        run()


def scheduler() -> None:
    """What `dask scheduler` prints is the address of one."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as local:
        cluster.check(local.scheduler_address)


PLACE = "validation.experiments.lottery.setting:LotterySetting"


def restored_at(place: str) -> Any:
    """A setting whose description says where its class is."""
    (setting,) = lottery.settings("smoke")
    return experiments.restore(setting.describe() | {"class": place})


# Folders and plans.


@contextmanager
def planned(**changes: Any) -> Iterator[tuple[Path, plans.Plan]]:
    """A folder with the plan of a small run, changed before it was registered."""
    with small():
        plan = replace(plans.make(list(command.CLAIMS.values()), "quick", 0), **changes)
        out = folder()
        stored.register(out, plan)
        yield out, plan


def concluded(**changes: Any) -> None:
    with planned(**changes) as (out, _):
        conclude(out)


def edited(put_back: bool) -> None:
    with planned() as (out, plan):
        (path,) = (out / "plans").iterdir()
        path.write_text(replace(plan, seed=9).text)
        if put_back:
            path.write_text(plan.text)
        conclude(out)


def without_plan() -> None:
    with planned() as (out, _):
        (path,) = (out / "plans").iterdir()
        path.unlink()
        conclude(out)


def other_claim() -> None:
    with planned() as (out, plan):
        newer = replace(plan, claims=(replace(plan.claims[0], name="newer"),))
        name = stored.register(out, newer)
        assert stored.registered(out)[-1] == name
        conclude(out)


def of_other_version(**more: str) -> None:
    """A folder whose plan says more than this version's do."""
    out, plain = folder(), plans.Plan("quick", 0, (), (), 0.9).plain() | more
    path = stored.plan_path(out, identity.sha256(identity.canonical(plain)))
    path.parent.mkdir()
    path.write_text(json.dumps(plain))
    stored.load(out, path.stem)


def labelled_alike(*neurons: int) -> None:
    (setting,) = lottery.settings("smoke")
    own = tuple(replace(setting, neurons=n, name=f"{n}" * len(neurons[2:])) for n in neurons[:2])
    plans.make([replace(CLAIMS["single-view"], settings=lambda preset: own)], "smoke", 0)


def weights(keep: tuple[str, ...]) -> None:
    out = folder()
    shard = shards.Shard({"label": "one"}, 0, 0, {"networks": [{"coverage": 0.5}]}, {})
    for name in keep:
        shards.write_extra(out, shard.key, name, [{"trained": [1.0]}])
    shards.write_shard(out, shard)
    assert len(tables.read(out, "weights")) == 1


# Claims from outside.

OWN = """
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from validation.claims.winner import WINNER
SETTINGS = tuple(setting.shortened(2) for setting in WINNER.settings("smoke"))
OWN = replace(WINNER, name="{name}", settings=lambda preset: SETTINGS)
"""


def given(text: str | None, register: bool = True, used: bool = False) -> None:
    """A user's module of this text, put on the list, and a plan with its claim concluded."""
    with planned() as (out, plan), patch.dict(CLAIMS), patch("sys.path", [*sys.path, str(out)]):
        # Of its own name: what was imported once is not looked for again.
        module = f"remedy_{next(number)}"
        if text is not None:
            (out / f"{module}.py").write_text(text)
        if register:
            claims.register(module)
        if used:
            own = replace(plan.claims[0], name="own", module=module)
            stored.register(out, replace(plan, claims=(own,)))
            conclude(out)


def run_own(module: str | None) -> None:
    """Only planned, and probed."""
    with ExitStack() as stack:
        stack.enter_context(patch.dict(CLAIMS))
        stack.enter_context(patch.dict(plans.TARGETS, quick=0.0))
        out = folder()
        stack.enter_context(patch("sys.path", [*sys.path, str(out)]))
        (out / "remedy_own.py").write_text(OWN.format(name="own"))
        modules = [] if module is None else [module]
        command.run(["own"], modules, device=command.Device.cpu, dry_run=True)


def set_against(other: Path) -> None:
    against(conclude(finished()), other)


def figured(**changes: Any) -> None:
    plain = {"claim": "single-view", "out": folder() / "figure.svg"}
    write_figure(conclude(finished()), **(plain | changes))


def figured_too_early() -> None:
    with planned() as (out, _):
        write_figure(conclude(out), "single-view", out / "figure.svg")


def drafted(name: str = "views-agree", out: Path | None = None) -> Path:
    return draft(name, out or folder())


def drafted_beside(name: str) -> None:
    drafted(name, drafted("mine").parent)


def rehearsed(**changes: Any) -> None:
    (setting,) = lottery.settings("smoke")
    own = replace(CLAIMS["winner"], settings=lambda preset: (setting,), **changes)
    rehearse(own, "smoke")


def counted(observe: Callable[[Any], list[Sample]]) -> None:
    setting = lottery.settings("smoke")[0].shortened(2)
    own = replace(CLAIMS["winner"], observe=observe)
    study = plans.Study(
        plans.Description.of(setting.describe()),
        tuple(own.expect(setting)),
        tuple(own.require(setting)),
    )
    observed(own, study, train(setting))


def planned_with(*panels: str) -> None:
    labels = ("setting", "share")
    plans.make([replace(CLAIMS["winner"], panels=dict.fromkeys(panels, labels))], "smoke", 0)


def stamped(url: str) -> None:
    with planned() as (out, plan):
        timestamps.stamp(out, plan, url)


def trusted(content: bytes) -> None:
    path = folder() / "roots.pem"
    path.write_bytes(content)
    timestamps._trusted(path)


def certificate() -> bytes:
    """In PEM, of an authority of this test's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "own")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def entered(held: bool) -> None:
    with planned() as (out, plan), patch.object(ledger, "PATIENCE", 0.0), ExitStack() as stack:
        path = out / "ledger.jsonl"
        if held:
            stack.enter_context(ledger._alone(path))
        ledger.enter(path, plan)


def verified(out: Path) -> None:
    plan = stored.load(out, stored.registered(out)[-1])
    with small():
        verifying.verify(out, plan, 1, 0, lambda own: None)


def unfinished() -> None:
    with planned() as (out, plan):
        verifying.verify(out, plan, 1, 0, lambda own: None)


def locked(out: Path, name: str) -> None:
    with alone(out), alone(out.with_name(name)):
        pass


number = itertools.count()
own_claim = partial(given, OWN.format(name="own"))

# Samples and verdicts.

HALF = Expectation("p", "s", 1, 0.5, 0.4, 0.6, 0.1)


def expectation(low: float | None, high: float | None) -> Expectation:
    return replace(HALF, low=low, high=high)


def paired(*replicates: int) -> Sample:
    rows = {"replicate": replicates, "kind": ["a", "b"] * (len(replicates) // 2), "x": 0.5}
    return paired_difference(pd.DataFrame(rows), "x", {"kind": "a"}, {"kind": "b"})


REMEDIES = [
    Remedy(
        partial(population, "wigner", 4, 0.5, 0.0),
        "population='wigner'.*choose one",
        partial(population, "flat spectrum", 4, 0.5, 0.0),
    ),
    Remedy(
        partial(Statement, PAPER, "k is large"),
        "name the claims that try the statement",
        partial(Statement, PAPER, "k is large", claims=("winner",)),
    ),
    Remedy(
        partial(Statement, PAPER, "k is large"),
        "or say why none does",
        partial(Statement, PAPER, "k is large", untested="at one k"),
    ),
    Remedy(partial(dry, ["flying"]), "images, or name none", dry),
    Remedy(partial(dry, ["flying"]), "choose from single-view", partial(dry, ["single-view"])),
    Remedy(
        partial(choosing.with_settings, ["image-h-spectrum"], "quick"),
        "give --preset standard or full",
        partial(choosing.with_settings, ["image-h-spectrum"], "standard"),
    ),
    Remedy(
        partial(choosing.of_source, "mnist", [CLAIMS["image-kind"]], "quick"),
        "have 'drawn figures' at --preset quick; give one of these",
        partial(choosing.of_source, "drawn figures", [CLAIMS["image-kind"]], "quick"),
    ),
    Remedy(
        partial(run_own, None), "give the module too, by --claims", partial(run_own, "remedy_own")
    ),
    Remedy(
        partial(run, keep=["tea"]), "choose from curves, weights", partial(run, keep=["weights"])
    ),
    Remedy(partial(dry, seed="-1"), "a whole number, seed >= 0; such as 0", partial(dry, seed="0")),
    Remedy(
        partial(pool, "0", None, None), "processes >= 1; such as 1", partial(pool, "1", None, None)
    ),
    Remedy(partial(run, budget="0"), "minutes > 0; such as 30", partial(run, budget="30")),
    Remedy(
        partial(pool, "2", "2", None),
        "exclude each other: name the one",
        partial(pool, "2", None, None),
    ),
    Remedy(partial(run, out=Path("/proc/none")), "give --out a folder that you may write to", run),
    Remedy(without_memory, "MiB are free on cpu: use .* a device with more memory", run),
    Remedy(
        partial(without, "distributed", partial(pool, None, "1", None)),
        "pip install 'mvtheory.cluster.', or use --processes N",
        partial(without, "distributed", partial(pool, "2", None, None)),
    ),
    Remedy(
        partial(cluster.check, "127.0.0.1"), "give the address that `dask scheduler`", scheduler
    ),
    Remedy(
        partial(on_gpu, False, "cuda"), "use --device auto or cpu", partial(on_gpu, False, "auto")
    ),
    Remedy(
        partial(on_gpu, False, "cuda"), "use --device auto or cpu", partial(on_gpu, False, "cpu")
    ),
    Remedy(
        lambda: calibrate.on_networks(folder()),
        "give that of a finished run",
        lambda: calibrate.on_networks(finished()),
    ),
    Remedy(
        lambda: conclude(folder()),
        "give the folder of one, or make one with `python -m validation run",
        lambda: conclude(finished()),
    ),
    Remedy(partial(edited, False), "put the original back", partial(edited, True)),
    Remedy(without_plan, "put the original back into plans, or", partial(edited, True)),
    Remedy(partial(edited, False), "or run again into a fresh folder", run),
    Remedy(partial(concluded, schema=99), "run the claims again into a fresh folder", run),
    Remedy(
        partial(concluded, levels=(0.05,)),
        "use the version of mvtheory that made it",
        concluded,
    ),
    Remedy(other_claim, "use the version that made the run", concluded),
    Remedy(partial(given, None), "name of a module or package, such as package.mod", own_claim),
    Remedy(partial(given, "CLAIM = 1"), "name the one that defines it", own_claim),
    Remedy(
        partial(given, OWN.format(name="single-view")),
        "a name that one of validation.claims has already; .*: give it one",
        own_claim,
    ),
    Remedy(
        partial(own_claim, register=False, used=True),
        "add `--claims remedy_.*from validation.claims import register",
        partial(own_claim, used=True),
    ),
    Remedy(
        partial(restored_at, "nobody.home:Mine"), "install the package", partial(restored_at, PLACE)
    ),
    Remedy(
        partial(restored_at, PLACE + ".Mine"), "define it at the top", partial(restored_at, PLACE)
    ),
    Remedy(
        partial(restored_at, "validation.experiments:measure"),
        "use the version of its package",
        partial(restored_at, PLACE),
    ),
    Remedy(
        partial(of_other_version, colour="red"),
        "use the version of mvtheory that made it",
        of_other_version,
    ),
    Remedy(
        partial(of_other_version, colour="red"), "run the claims again into a fresh folder", run
    ),
    Remedy(
        lambda: experiments.restore({"experiment": "lottery", "label": "M = 2"}),
        "setting='M = 2' and those .* differ in .*, .*: use the version that made the run",
        lambda: experiments.restore(lottery.settings("smoke")[0].describe()),
    ),
    Remedy(
        lambda: experiments.restore(lottery.settings("smoke")[0].describe() | {"once": 1}),
        "differ in 'once', which only one of them says: use the version that made the run",
        lambda: experiments.restore(lottery.settings("smoke")[0].describe()),
    ),
    Remedy(
        lambda: experiments.restore({"experiment": "newer"}),
        "use the version that made the run",
        lambda: experiments.restore(lottery.settings("smoke")[0].describe()),
    ),
    Remedy(
        partial(planned_with, "winer"), "give both the same name", partial(planned_with, "winner")
    ),
    Remedy(
        partial(counted, lambda measured: []),
        "gives 0 samples .*: give one for each, in the same order",
        partial(counted, CLAIMS["winner"].observe),
    ),
    Remedy(
        partial(rehearsed, observe=lambda measured: []),
        "observe gives 0 samples .* give one for each, in the same order; mend it",
        rehearsed,
    ),
    Remedy(partial(rehearsed, title=" "), "title is empty; mend it before networks", rehearsed),
    Remedy(
        partial(set_against, folder()),
        "write it by `python -m validation report",
        lambda: set_against(finished()),
    ),
    Remedy(partial(figured, claim="single"), "choose from single-view", figured),
    Remedy(
        partial(figured, columns=3),
        "is not allowed: 1 .89 mm. or 2 .183 mm.",
        partial(figured, columns=2),
    ),
    Remedy(
        partial(figured, out=Path("figure.png")), "a file that ends in .pdf, .svg, .eps", figured
    ),
    Remedy(partial(figured, out=folder() / "no" / "figure.pdf"), "make its folder first", figured),
    Remedy(figured_too_early, "go on with the run first", figured),
    Remedy(partial(drafted, "Views agree"), "such as views-agree", drafted),
    Remedy(partial(drafted, "winner"), "give a name of its own", drafted),
    Remedy(partial(drafted, "mine", folder() / "no"), "make it first", partial(drafted, "mine")),
    Remedy(partial(drafted_beside, "mine"), "give another name", partial(drafted_beside, "other")),
    Remedy(
        partial(locked, folder() / "run", "run"),
        "or give another folder, such as --out .*run-2",
        partial(locked, folder() / "run", "run-2"),
    ),
    Remedy(
        partial(stamped, "of digicert"),
        "is no address of an authority .*; such as http://timestamp.digicert.com",
        partial(stamped, "http://127.0.0.1:9"),
    ),
    Remedy(
        partial(without, "rfc3161_client", partial(stamped, "http://127.0.0.1:9")),
        "pip install 'mvtheory.timestamp.'",
        partial(stamped, "http://127.0.0.1:9"),
    ),
    Remedy(
        partial(trusted, b"none"),
        "give a file of those of the authorities that you trust",
        lambda: trusted(certificate()),
    ),
    Remedy(partial(entered, True), "stop it, or give another file", partial(entered, False)),
    Remedy(unfinished, "run its plan first", lambda: verified(finished())),
    Remedy(partial(labelled_alike, 6, 7), "give each its own", partial(labelled_alike, 6, 7, 1)),
    Remedy(partial(weights, ()), "run again with --keep weights", partial(weights, ("weights",))),
    Remedy(
        partial(expectation, None, None),
        "low or high must be given",
        partial(expectation, 0.4, None),
    ),
    Remedy(partial(expectation, 1.0, 0.4), "choose low < high", partial(expectation, 0.4, 1.0)),
    Remedy(
        lambda: Sample.of([0.5, np.nan]),
        "leave out replicates without",
        lambda: Sample.of([0.5]),
    ),
    Remedy(
        lambda: Sample.of([0.5, 1.5], trials=9),
        "give trials=None for what is no proportion",
        lambda: Sample.of([0.5, 1.5], trials=None),
    ),
    Remedy(
        partial(paired, 0, 1, 1, 1),
        "choose rows that each replicate has",
        partial(paired, 0, 0, 1, 1),
    ),
    Remedy(
        lambda: judge([Case([], [])], 1),
        "give it a sample",
        lambda: judge([Case([HALF], [Sample.of([0.5, 0.5])])], 1),
    ),
    *SETTINGS,
    *IMAGES,
    *NETWORKS,
    *PAIRED,
    *GPU,
]
