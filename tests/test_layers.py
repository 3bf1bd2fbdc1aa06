"""Imports run one way; the theory stays light to import."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Each layer may import itself and what stands before it. A module belongs to the first layer
# whose prefix it has.
LAYERS = [
    ("mvtheory.interrupt",),
    ("mvtheory.references",),
    ("mvtheory.arrays",),
    ("mvtheory.arguments",),
    ("mvtheory.inverse", "mvtheory.multiprecision", "mvtheory.formula", "mvtheory.threshold"),
    ("mvtheory.laws",),
    ("mvtheory.coverage", "mvtheory.race", "mvtheory.self_distillation"),
    ("mvtheory.theorems",),
    ("mvtheory.distillation",),
    ("mvtheory.catalogue",),
    ("mvtheory.plotting",),
    ("mvtheory.console", "mvtheory.figures", "mvtheory.files"),
    ("mvtheory.spectrum",),
    ("mvtheory.advise",),
    ("mvtheory.cli",),
    ("mvtheory.__main__",),
    ("validation.threads",),
    ("validation.trial.columns",),
    ("validation.records.sealed",),
    ("validation.trial.claim",),
    ("validation.trial.evidence",),
    ("validation.trial.verdict",),
    ("validation.trial.design",),
    ("validation.records.store",),
    ("validation.data", "validation.training.schedule", "validation.training.optimizer"),
    ("validation.training.packing", "validation.training.compiled"),
    ("validation.training.mlp_kernel",),
    ("validation.training.networks", "validation.training.mlp", "validation.training.teaching"),
    ("validation.training.descent", "validation.training.gates", "validation.training.blocks"),
    ("validation.training.mlp_packed",),
    (
        "validation.training.patches",
        "validation.training.mlp_training",
        "validation.training.measure",
    ),
    (
        "validation.experiments.description",
        "validation.experiments.reduced",
        "validation.experiments.lottery.unions",
    ),
    ("validation.experiments.lottery.training", "validation.experiments.lottery.setting"),
    ("validation.experiments.students.networks",),
    ("validation.experiments.students.training", "validation.experiments.students.setting"),
    ("validation.experiments.teaching.training", "validation.experiments.teaching.setting"),
    ("validation.experiments",),
    ("validation.running.task",),
    ("validation.claims",),
    ("validation.trial.plan",),
    ("validation.records.conclusion",),
    ("validation.running.watch",),
    ("validation.running.early",),
    ("validation.report.maps",),
    ("validation.report.figures",),
    ("validation.report.page",),
    ("validation.report.claims_table",),
    ("validation.running.executors",),
    ("validation.running.cluster",),
    ("validation.running.runner",),
    ("validation.running.cost",),
    ("validation.calibration", "validation.report.progress"),
    ("validation.report.terminal",),
    ("validation.command", "validation.__main__"),
]
TORCH_IMPORTERS = {
    "validation.training.packing",
    "validation.training.networks",
    "validation.training.mlp",
    "validation.training.teaching",
    "validation.training.descent",
    "validation.training.gates",
    "validation.training.blocks",
    "validation.training.mlp_packed",
    "validation.training.mlp_training",
    "validation.training.patches",
    "validation.training.measure",
    "validation.experiments.gaussian_inputs.training",
    "validation.experiments.lottery.training",
    "validation.experiments.teaching.training",
    "validation.experiments.phase.training",
    "validation.experiments.summed.training",
    "validation.experiments.students.networks",
    "validation.experiments.students.training",
    # Inside functions: the driver of a cluster needs no GPU.
    "validation.running.task",
}


@functools.cache
def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in ("mvtheory", "validation")
        for path in sorted((ROOT / package).rglob("*.py"))
    }


@functools.cache
def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            # `from package import module` imports the module.
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer(module: str) -> int | None:
    for index, prefixes in enumerate(LAYERS):
        if any(module == prefix or module.startswith(prefix + ".") for prefix in prefixes):
            return index
    return None


@pytest.mark.parametrize("module", [m for m in modules() if m not in ("mvtheory", "validation")])
def test_imports_run_one_way(module: str) -> None:
    own = layer(module)
    assert own is not None, f"{module} belongs to no layer: give it a place in LAYERS"
    for imported in imports(modules()[module]):
        other = layer(imported)
        if other is not None and not imported.startswith(module + "."):
            assert other <= own, f"{module} imports {imported}, which stands above it"
        assert not (module.startswith("mvtheory") and imported.startswith("validation"))


@pytest.mark.parametrize("module", list(modules()))
def test_only_the_training_side_imports_torch(module: str) -> None:
    torch = any(name.split(".")[0] == "torch" for name in imports(modules()[module]))
    assert torch == (module in TORCH_IMPORTERS)


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


def test_all_packages_are_declared() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = {name for name, path in modules().items() if path.name == "__init__.py"}
    assert set(project["tool"]["setuptools"]["packages"]) == found


def test_commands_load_no_more_than_they_show() -> None:
    """What takes longest to load; what a run needs is loaded when it is asked for."""
    heavy = {"sympy", "scipy.stats", "scipy.special", "matplotlib", "pandas", "torch", "sklearn"}
    assert not heavy & loaded_after("import mvtheory.cli, mvtheory.catalogue")
    assert not heavy & loaded_after("import validation.command")
    assert "mvtheory.laws" not in loaded_after("import mvtheory.cli")


def test_a_plan_needs_neither_sympy_nor_statistics() -> None:
    statement = (
        "from validation import plan; from validation.claims import CLAIMS; "
        "plan.make(list(CLAIMS.values()), 'smoke', 0)"
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
