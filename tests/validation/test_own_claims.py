"""Claims are found: ours in their folder, others in modules and installed packages."""

import csv
import importlib
import io
import json
import pkgutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from validation import claims, command
from validation.claims import CLAIMS, register
from validation.records.conclusion import conclude
from validation.records.plans import load, registered
from validation.testing import check_claim
from validation.trial import plan as plans

EXAMPLE = Path(__file__).parents[2] / "docs" / "own_claim.py"
VARIANT = """
from dataclasses import replace
from validation.claims.winner import WINNER as base
OWN = replace(base, name={name!r}, place=())
"""


def test_a_claim_is_one_file_and_has_a_place_of_its_own():
    modules = [
        importlib.import_module(f"{claims.__name__}.{own.name}")
        for own in pkgutil.iter_modules(claims.__path__)
    ]
    names = {module.__name__.rpartition(".")[2].replace("_", "-") for module in modules}
    assert set(CLAIMS) == names
    places = [claim.place for claim in CLAIMS.values()]
    assert places == sorted(set(places))
    assert all(len(place) == 2 and min(place) >= 1 for place in places)
    assert not any(claim.module for claim in CLAIMS.values())


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """A folder to import from; what is put on the list is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    claims.installed.cache_clear()
    with patch.dict(CLAIMS):
        yield tmp_path
    claims.installed.cache_clear()
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


def package(folder: Path, **entry_points: str) -> None:
    """An installed package `own_claims` with the example, as an installer leaves it."""
    (folder / "own_claims").mkdir()
    (folder / "own_claims" / "__init__.py").write_text("")
    (folder / "own_claims" / "pairs.py").write_text(EXAMPLE.read_text(encoding="utf-8"))
    info = folder / "own_claims-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own-claims\nVersion: 1.0\n")
    lines = [f"[{claims.GROUP}]", *(f"{name} = {where}" for name, where in entry_points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("where", ["own_claims", "own_claims.pairs:AGREEMENT"])
def test_a_claim_of_an_installed_package_is_treated_like_ours(fresh, where, monkeypatch, capsys):
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 60
    package(fresh, pairs=where)
    monkeypatch.setitem(plans.TARGETS, "quick", 0.0)  # six replicates
    assert "agreement" not in CLAIMS
    assert command.main(["list"]) == 0
    assert "agreement" in capsys.readouterr().out.split()
    assert list(CLAIMS)[-1] == "agreement"
    assert command.main(["list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["claim"] for row in rows] == list(CLAIMS)
    assert command.main(["list", "--csv"]) == 0
    assert list(csv.DictReader(io.StringIO(capsys.readouterr().out))) == rows
    out = fresh / "out"
    assert command.main(["run", "agreement", "--device", "cpu", "--out", str(out)]) in (0, 3)
    (planned,) = load(out, registered(out)[-1]).claims
    assert planned.module == "own_claims.pairs"
    (told,) = conclude(out).claims
    assert told.replicates >= 6
    assert list(map(str, told.claim.sources)) == ["ours, from Allen-Zhu & Li (2023), Theorem 2"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert told.claim.title in page
    assert "run agreement --claims own_claims.pairs --preset" in page
    table = fresh / "claims.md"
    assert command.main(["claims", str(out), "--out", str(table)]) == 0
    assert "| `agreement` | **Two networks agree" in table.read_text(encoding="utf-8")
    assert (fresh / "claims" / "agreement.svg").exists()


def test_the_example_keeps_the_contract(fresh):
    """As docs/own_claim.md tells to test it."""
    package(fresh)
    register("own_claims")
    check_claim(CLAIMS["agreement"])


def test_what_is_broken_in_a_package_is_told_and_left_out(fresh, capsys):
    package(fresh, a="own_claims.absent", b="own_claims.pairs:PANEL", c="json", d="own_claims")
    assert command.main(["list"]) == 0
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert [line.split("(")[0] for line in lines] == [
        f"validation: entry point {name!r} of {claims.GROUP} is left out " for name in "abc"
    ]
    assert "No module named 'own_claims.absent'" in lines[0]
    assert "agreement" in said.out.split()


def test_a_folder_says_which_claims_it_needs(fresh, monkeypatch, capsys):
    (fresh / "pairs.py").write_text(EXAMPLE.read_text(encoding="utf-8"))
    monkeypatch.setitem(plans.TARGETS, "quick", 0.0)
    out = str(fresh / "out")
    arguments = ["--claims", "pairs", "--device", "cpu", "--out", out]
    with patch.dict(CLAIMS):
        # Alone, for it is the one of the modules given.
        assert command.main(["run", *arguments]) in (0, 3)
        assert [claim.name for claim in conclude(Path(out)).claims] == ["agreement"]
    capsys.readouterr()
    for words in (["report", out], ["claims", out], ["calibrate", "--folder", out]):
        assert command.main(words) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "claim 'agreement' of the plan is of the module 'pairs'" in line
        assert "add `--claims pairs`" in line
    assert command.main(["report", out, "--claims", "pairs"]) == 0
    # A claim of that name in another module is another claim.
    (fresh / "other.py").write_text(VARIANT.format(name="agreement"))
    del CLAIMS["agreement"]
    assert command.main(["report", out, "--claims", "other"]) == 2


def test_modules_are_taken_whole_or_not_at_all(fresh):
    (fresh / "two.py").write_text(VARIANT.format(name="mine") + "AGAIN = replace(OWN, title='x')\n")
    for module, said in (
        ("two", "claims='two' has a claim 'mine', a name that one of two has"),
        ("absent", r"claims='absent' cannot be imported \(ModuleNotFoundError: No module named"),
        ("json", "claims='json' holds no claim; allowed is"),
    ):
        before = dict(CLAIMS)
        with pytest.raises(ValueError, match=said):
            register(module)
        assert before == CLAIMS


def test_a_module_may_be_given_twice_and_use_claims_of_ours(fresh):
    folder = fresh / "several"
    folder.mkdir()
    (folder / "__init__.py").write_text("from several.one import OWN\n")
    (folder / "__main__.py").write_text("raise SystemExit('not to be run')\n")
    (folder / "one.py").write_text(VARIANT.format(name="one"))
    (folder / "two.py").write_text(VARIANT.format(name="two").replace("()", "(1, 2)"))
    for _ in range(2):
        register("several")
        register("several.one")
        assert list(CLAIMS)[-2:] == ["two", "one"]  # by place, then as found
    assert CLAIMS["one"].module == "several.one"
    assert claims.known("one", "several.one") is CLAIMS["one"]
    assert register("validation.claims.winner") == ["winner"]
    assert CLAIMS["winner"].module == ""


def test_plans_tell_the_module_of_claims_from_outside_only():
    ours = CLAIMS["winner"]
    plan = plans.make([ours, replace(ours, name="own", module="package.module")], "smoke", 0)
    told = plan.plain()["claims"]
    assert ["module" in claim for claim in told] == [False, True]
    assert told[1]["module"] == plan.claims[1].module == "package.module"
    assert plans.Plan.of(plan.plain()) == plan


def test_a_module_lies_where_the_command_is_run(fresh):
    """As for `python -m`; in a process of its own, to which no folder was told."""
    (fresh / "mine.py").write_text(VARIANT.format(name="mine"))
    code = "from validation.command import main; main(['list', '--claims', 'mine'])"
    command = [sys.executable, "-P", "-c", code]
    run = subprocess.run(command, cwd=fresh, capture_output=True, text=True, check=True)
    assert "mine" in run.stdout.split()
