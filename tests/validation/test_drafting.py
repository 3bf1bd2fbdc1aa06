"""A new claim's file: whole as it is written, and refused where it would be in the way."""

import subprocess
import sys

import pytest

from validation import command
from validation.claims import CLAIMS, register
from validation.drafting import draft


def test_a_new_claim_is_whole(tmp_path, monkeypatch, capsys):
    assert command.main(["new-claim", "views-agree", "--folder", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "--claims views_agree" in told
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("validation.claims.CLAIMS", dict(CLAIMS))
    assert register("views_agree") == ["views-agree"]
    sys.modules.pop("views_agree")
    # As it tells to be tested: what it expects is also observed, on trained networks.
    test = tmp_path / "test_views_agree.py"
    assert str(test) in told
    arguments = ["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(test)]
    run = [sys.executable, "-m", "pytest", *arguments]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_what_a_draft_may_be_called(tmp_path):
    for name, said in (
        ("Views", "words of small letters and digits, joined by hyphens, such as views-agree"),
        ("winner", "is taken by a claim or a chapter; give a name of its own"),
        ("images", "is taken by a claim or a chapter; give a name of its own"),
    ):
        with pytest.raises(ValueError, match=said):
            draft(name, tmp_path)
    with pytest.raises(ValueError, match="is no folder: make it first"):
        draft("mine", tmp_path / "absent")
    (tmp_path / "test_mine.py").touch()
    with pytest.raises(ValueError, match=r"test_mine.py' is there and is not overwritten"):
        draft("mine", tmp_path)
    assert not (tmp_path / "mine.py").exists()


def test_a_draft_that_breaks_the_contract_is_told(tmp_path, monkeypatch):
    """The contract is what `check_claim` holds it to, before networks are trained."""
    asked = []
    monkeypatch.setattr(
        "validation.drafting.check_claim", lambda claim, **how: asked.append((claim.name, how))
    )
    draft("mine", tmp_path)
    assert asked == [("mine", {"presets": ("smoke", "quick"), "measured": ()})]
