"""Imports run one way; the theory stays light to import."""

import ast
import functools
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A floor may import itself and what lies below it; a module belongs to the longest name that it
# begins with. Within a floor nothing imports in a circle either.
FLOORS = (
    "mvtheory.interrupt mvtheory.lazy mvtheory.extras mvtheory.html mvtheory.references "
    "mvtheory.multiprecision mvtheory.shapes",
    "mvtheory.arrays mvtheory.rows mvtheory.arguments mvtheory.ranges mvtheory.inverse "
    "mvtheory.formula mvtheory.formula_text mvtheory.threshold mvtheory.scores",
    "mvtheory.laws.contract",
    "mvtheory.laws.solvers",
    "mvtheory.laws",
    "mvtheory.measured",
    "mvtheory.coverage mvtheory.race mvtheory.self_distillation mvtheory.features",
    "mvtheory.theorems mvtheory.distillation mvtheory.ensembles",
    "mvtheory.catalogue mvtheory.finding mvtheory.completing mvtheory.plotting mvtheory.console "
    "mvtheory.figures mvtheory.reading",
    "mvtheory.testing",
    "mvtheory.spectrum mvtheory.spectrum_of_data mvtheory.advise mvtheory.ensemble "
    "mvtheory.law_from_text mvtheory.no_spectrum mvtheory.listing mvtheory.predicting "
    "mvtheory.doctor mvtheory.docs mvtheory.explore mvtheory.cli mvtheory.__main__",
    "validation.code validation.threads validation.trial validation.paired validation.statements",
    "validation.data validation.training validation.networks",
    "validation.experiments",
    "validation.claims",
    "validation.records",
    "validation.running",
    "validation.report validation.calibration validation.testing",
    "validation.drafting validation.options validation.choosing validation.finished "
    "validation.command validation.__main__ validation.gpu validation.claims_in_pytest",
)


def trains(module: str) -> bool:
    """Whether it may import torch: networks, what trains them, a worker's task, torch's files."""
    _, room, *names = *module.split("."), ""
    part_of_an_experiment = room == "experiments" and names[-2:-1] in (["training"], ["networks"])
    part_of_networks = room == "networks" and names[0] not in ("architecture", "recipe", "")
    task = module == "validation.running.task"
    part_for_a_gpu = room == "gpu" and names[0] in (
        "paths", "image_paths", "speed", "stacks", "courses", "images", "students",
    )  # fmt: skip
    side = room == "training" or part_of_networks or part_of_an_experiment
    files_of_torch = module == "mvtheory.reading.torch_files"
    return side or task or part_for_a_gpu or files_of_torch


@functools.cache
def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in ("mvtheory", "validation")
        for path in sorted((ROOT / package).rglob("*.py"))
    }


@functools.cache
def imports(module: str) -> set[str]:
    """Names that a module imports, wherever in it: in functions and for types alone too."""
    found = set()
    for node in ast.walk(ast.parse(modules()[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            found.add(node.module or "")
            # `from package import module` imports the module.
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def used(module: str) -> set[str]:
    """Our modules that it imports; a package only where no module of it is named."""
    own = (imports(module) & modules().keys()) - {module}
    return {name for name in own if not any(other.startswith(name + ".") for other in own)}


def floor(module: str) -> int | None:
    places = {name: index for index, names in enumerate(FLOORS) for name in names.split()}
    name = module
    while name not in places and "." in name:
        name = name.rpartition(".")[0]
    return places.get(name)


def test_nothing_imports_in_a_circle() -> None:
    TopologicalSorter({module: used(module) for module in modules()}).prepare()


@pytest.mark.parametrize("module", [m for m in modules() if m not in ("mvtheory", "validation")])
def test_imports_run_one_way(module: str) -> None:
    own = floor(module)
    assert own is not None, f"{module} belongs to no floor: give it a place in FLOORS"
    for name in used(module) - {"mvtheory", "validation"}:
        other = floor(name)
        assert other is not None, f"{module} imports {name}, which belongs to no floor"
        assert other <= own, f"{module} imports {name}, which lies above it"


@pytest.mark.parametrize("module", list(modules()))
def test_only_the_training_side_imports_torch(module: str) -> None:
    if not trains(module):
        assert not any(name.split(".")[0] == "torch" for name in imports(module))


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_theory_is_light() -> None:
    loaded = loaded_after("import mvtheory")
    assert not {"torch", "sympy", "scipy", "matplotlib", "rich", "typer"} & loaded


def test_the_report_renders_without_torch() -> None:
    """Importing it; tests/validation/test_run.py renders one in a process of its own."""
    assert "torch" not in loaded_after("import validation.report.page, validation.command")


def test_every_folder_of_modules_is_a_package() -> None:
    """Else it is not installed."""
    folders = {path.parent for path in modules().values()}
    assert all((folder / "__init__.py").exists() for folder in folders)


def test_commands_load_no_more_than_they_show() -> None:
    """What takes longest to load; what a run needs is loaded when it is asked for."""
    heavy = {"sympy", "scipy.stats", "scipy.special", "matplotlib", "pandas", "torch", "sklearn"}
    assert not heavy & loaded_after("import mvtheory.cli, mvtheory.catalogue")
    assert not heavy & loaded_after("import validation.command")
    assert "mvtheory.laws" not in loaded_after("import mvtheory.cli")


def test_a_plan_needs_neither_sympy_nor_statistics() -> None:
    statement = (
        "from validation.trial import plan; from validation.claims import of_preset; "
        "plan.make(of_preset('smoke'), 'smoke', 0)"
    )
    heavy = {"sympy", "scipy.stats", "statsmodels", "sklearn", "pandas", "matplotlib", "torch"}
    assert not heavy & loaded_after(statement)


def test_everything_that_distillation_offers_is_there() -> None:
    """It is loaded by and by, but its formulas at once: the catalogue finds them so."""
    from mvtheory import distillation, formulas
    from mvtheory.formula import Formula

    offered = {name: getattr(distillation, name) for name in distillation.__all__}
    own = {name for name, item in offered.items() if isinstance(item, Formula)}
    code = "from mvtheory import catalogue; print(*catalogue.formulas())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) == set(formulas())
    assert own <= set(run.stdout.split())
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = distillation.nothing
