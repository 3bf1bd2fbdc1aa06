"""Panels without a browser: their numbers are those of the Python that they show."""

import base64
import hashlib
import json
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from driven import NAMES

from mvtheory.arguments import PRESENCE, VIEWS
from mvtheory.cli import main
from mvtheory.coverage import accuracy, ensemble
from mvtheory.explore import outputs
from mvtheory.explore.closed import Closed, javascript
from mvtheory.explore.controls import Choice, Slider
from mvtheory.explore.equations import of_formula, written
from mvtheory.explore.panels import all_panels
from mvtheory.explore.panels import phase as phase_panel
from mvtheory.explore.panels import size as size_panel
from mvtheory.explore.panels import surface as surface_panel
from mvtheory.race import descend


def result_of(code: str):
    """The value of the last line."""
    *lines, last = code.splitlines()
    while last.startswith(" "):  # a call over several lines
        last = lines.pop() + "\n" + last
    namespace: dict = {}
    exec("\n".join(lines), namespace)
    return eval(last, namespace)


def some_values(panel, turn: int) -> dict:
    """Other values of every control: the same at each run, different ones at each turn."""
    rng = np.random.default_rng(turn)
    return {
        control.name: rng.choice(np.array(options, dtype=object))
        for control in panel.controls
        for options in [control.options if isinstance(control, Choice) else control.values]
    }


@pytest.fixture
def by_name(panels):
    return {panel.name: panel for panel in panels}


def test_every_panel_is_tested(panels):
    assert tuple(panel.name for panel in panels) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_call_that_is_shown_gives_the_first_number(by_name, name):
    panel = by_name[name]
    start = {control.name: control.start for control in panel.controls}
    for values in (start, some_values(panel, 1)):
        (_, first), *_ = panel.picture(**values).numbers.items()
        assert result_of(panel.call(**values)) == pytest.approx(first, rel=1e-12)


def test_every_law_is_called_as_it_is_drawn(by_name):
    panel = by_name["spectra"]
    for turn, law in enumerate(panel.choice.options):
        values = some_values(panel, turn) | {"law": law}
        shown = panel.picture(**values)
        moment = shown.numbers["second moment of the law"]
        assert result_of(panel.call(**values)) == pytest.approx(moment, rel=1e-12)
        histogram, *lines = shown.plots[0].series
        seen = float(np.sum(histogram.y * np.diff(histogram.x)))
        atoms = [re.search(r"[\d.]+$", name)[0] for name in shown.plots[0].marks]
        # The matrix has a law's atoms up to the rounding of their counts, and the legend's digits.
        assert seen == pytest.approx(1 - sum(map(float, atoms)), abs=2 / values["size"] + 1e-3)
        assert all(np.all(np.asarray(line.y) >= 0) for line in lines)


def test_the_race_ends_when_the_winner_is_learned(by_name):
    panel = by_name["growth"]
    for turn in range(5):
        shown = panel.picture(**some_values(panel, turn))
        ends = [float(series.y[-1]) for series in shown.plots[0].series]
        winner = shown.numbers["winner"]
        assert ends[int(winner.removeprefix("view ")) - 1] == max(ends) == 1
    dead = {"power": 4, "deviation": 0.02, "views": 2, "neurons": 1, "drive": 1}
    seed = next(  # one whose responses are all negative
        k for k in range(21) if (np.random.default_rng(k).standard_normal((2, 1)) < 0).all()
    )
    assert panel.picture(**dead, seed=seed).numbers["winner"].startswith("none")


def test_the_phase_diagram_is_as_near_to_the_training_as_it_says():
    """At the point where it is farthest from it, of those of the claim phase-diagram."""
    point = phase_panel.setting(
        power=3, deviation=0.02, single_view_samples=0, views=2, neurons=5, steps=90
    )
    followed = descend(point)
    apart = followed.coverage - phase_panel.coverage(point)
    assert abs(apart) <= 0.16 + 3 * followed.standard_error
    assert apart > 0.03  # more than the mean


def test_probabilities_of_winning_add_up(by_name):
    *views, none = (
        by_name["winner"].picture(second=0.8, third=0.3, power=3.5, neurons=1).numbers.values()
    )
    assert none == pytest.approx(2.0**-3, abs=3e-10)
    assert sum(views) + none == pytest.approx(1)


def test_sliders_lie_in_the_declared_range():
    with pytest.raises(ValueError, match=r"presence=1\.5 is not allowed"):
        Slider(argument=PRESENCE, values=(0, 0.5, 1.5), start=0)
    with pytest.raises(ValueError, match="start=3"):
        Slider(argument=VIEWS, values=(1, 2), start=3)


@pytest.mark.parametrize(
    ("panel", "sent", "says"),
    [
        ("coverage", {"views": "0"}, r"views=0.* 1 <= views <= 12"),
        ("coverage", {"views": "2.5"}, "round it"),
        ("coverage", {"presence": "nan"}, "presence=nan"),
        ("coverage", {"presence": "much"}, "presence='much'.*a number"),
        ("coverage", {"power": "4"}, "'power' is unknown.*views"),
        ("spectra", {"law": "zipf"}, "law='zipf'.*marchenko-pastur"),
        ("distillation", {"temperature": "5"}, "temperature=5.*choose one that is computed"),
    ],
)
def test_what_is_sent_is_checked(by_name, panel, sent, says):
    with pytest.raises(ValueError, match=says):
        by_name[panel].read(sent)


def test_what_is_not_sent_is_at_its_start(by_name):
    values = by_name["coverage"].read({"views": "3"})
    assert values == {
        "views": 3, "networks": 5, "single_view_fraction": 0.1, "presence": 0.7, "classes": 10
    }  # fmt: skip


def test_equations_are_mathml_and_latex(panels):
    for panel in panels:
        for equations in panel.described(coarse=False)["equations"].values():
            for equation in equations:
                ElementTree.fromstring(equation["mathml"].replace("&InvisibleTimes;", ""))
                assert " = " in equation["latex"]
    assert written(of_formula(ensemble))["latex"] == ensemble.equation()


def test_a_formula_becomes_javascript():
    assert javascript(accuracy) == (
        "(K, M, N, p) => (1 - 1/K)*sum(1, M, i => Math.pow(p, i)*Math.pow(1 - p, M - i)"
        "*(1 - Math.pow(1 - i/M, N))*binomial(M, i)) + 1/K"
    )


def state_of(page) -> dict:
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="state">(.*?)</script>', text, re.DOTALL)[1])


def test_the_page_without_a_server_needs_nothing_else(page):
    text = page.read_text(encoding="utf-8")
    addresses = set(re.findall(r"https?://[^\"'\s<]+", text))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of SVG, not a place
    assert not re.search(r"<(link|script|img)[^>]+(src|href)=\"(?!data:)", text)
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


def test_numbers_computed_beforehand_are_those_of_the_panels(page, panels):
    pictures = state_of(page)["pictures"]
    for panel in panels:
        if isinstance(panel.picture, Closed):
            assert panel.name not in pictures
            continue
        settings = dict(panel.beforehand())
        assert settings.keys() == pictures[panel.name].keys()
        at, values = list(settings.items())[len(settings) // 2]
        for (name, kept), value in zip(
            pictures[panel.name][at]["numbers"], panel.picture(**values).numbers.values(),
            strict=True,
        ):  # fmt: skip
            # Rounded to eight digits: half a unit of the eighth.
            expected = value if isinstance(value, str) else pytest.approx(value, rel=5e-8)
            assert kept == expected, name


def test_own_outputs_take_the_place_of_the_examples(tmp_path):
    given = outputs.example_of_distillation()
    files = {name: str(tmp_path / f"{name}.npy") for name in ("labels", "student", "teacher")}
    for name, file in files.items():
        np.save(file, given[name][:300])
    soft = str(tmp_path / "soft.npy")
    np.save(soft, given["anchors"][0].logits[:300])
    panel = surface_panel.panel(
        outputs.distillation_from_files(**files, soft=[f"{soft}@4"], distilled=[])
    )
    values = {control.name: control.start for control in panel.controls}
    (_, first), *_ = panel.picture(**values).numbers.items()
    assert result_of(panel.call(**values)) == pytest.approx(first, rel=1e-12)

    members = outputs.example_of_members("noise")["members"][:2, :300]
    one = [str(tmp_path / f"{k}.npy") for k in range(2)]
    together = str(tmp_path / "both.npy")
    np.save(together, members)
    for file, member in zip(one, members, strict=True):
        np.save(file, member)
    found = []
    for named in (one, [together]):
        panel = size_panel.panel(outputs.members_from_files(files["labels"], named))
        values = {control.name: control.start for control in panel.controls}
        (_, first), *_ = panel.picture(**values).numbers.items()
        assert result_of(panel.call(**values)) == pytest.approx(first, rel=1e-12)
        found.append(first)
    assert found[0] == found[1]
    assert math.isfinite(found[0])


def test_all_panels_have_names_of_their_own(panels):
    assert len({panel.title for panel in panels}) == len(panels)
    teaching, members = outputs.distillation_from_example(), outputs.members_from_example()
    assert [panel.name for panel in all_panels(teaching, members)] == list(NAMES)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--port", "70000"], "port=70000"),
        (["--export", "page.txt"], "must end in .html"),
        (["--student", "s.npy"], "--student, --teacher go together"),
        (["--member", "m.npy"], "--labels go with"),
        (["--labels", "y.npy"], "--labels go with"),
        (["--labels", "y.npy", "--member", "m.npy"], "there is no such file"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_one_line(words, says, capsys):
    assert main(["explore", "--no-browser", *words]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
