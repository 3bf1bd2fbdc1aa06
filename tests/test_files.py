"""Files that people have: read, or refused with the line that converts them."""

import re
import struct
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from mvtheory.cli import main
from mvtheory.files import CONVERSIONS, read_array

VALUES = np.array([0.5, 1.5, -1.25, 0.25])


def header(shape: str) -> bytes:
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(11 + len(text)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def write(path: Path) -> None:
    """The values, in the format of the file's ending."""
    if path.suffix in (".csv", ".tsv", ".txt"):
        separator = {".csv": ",", ".tsv": "\t", ".txt": " "}[path.suffix]
        np.savetxt(path, VALUES, delimiter=separator)
    elif path.suffix == ".parquet":
        pd.DataFrame({"value": VALUES}).to_parquet(path)
    else:
        torch.save(torch.tensor(VALUES, dtype=torch.bfloat16), path)


@pytest.mark.parametrize("ending", CONVERSIONS)
def test_the_line_that_converts_a_file_is_carried_out(ending, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path(f"it's mine{ending}")
    write(path)
    with pytest.raises(ValueError, match=r"cannot be read as \.npy.*convert it by") as caught:
        read_array("--student", path)
    (line,) = re.findall("`(.*)`", str(caught.value))
    exec(line, {"np": np, "pandas": pd, "torch": torch})
    found = read_array("--student", path.with_suffix(".npy"))
    np.testing.assert_array_equal(np.ravel(found), VALUES)


def test_an_archive_of_one_array_is_read_and_of_several_is_split(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("one.npz", values=VALUES)
    np.testing.assert_array_equal(read_array("--student", Path("one.npz")), VALUES)
    np.savez_compressed("two.npz", values=VALUES, other=VALUES[:1])
    with pytest.raises(
        ValueError, match=r"archive of arrays \(values, other\); save one"
    ) as caught:
        read_array("--student", Path("two.npz"))
    (line,) = re.findall("`(.*)`", str(caught.value))
    exec(line, {"np": np})
    np.testing.assert_array_equal(read_array("--student", Path("two.npy")), VALUES)


def test_a_matrix_symmetric_to_rounding_is_one(tmp_path, capsys):
    """Every correlation matrix of numpy has entries that differ in the last digit."""
    rng = np.random.default_rng(0)
    samples = rng.standard_normal((30, 40))
    for name, matrix in {
        "corrcoef": np.corrcoef(samples),
        "issue": np.corrcoef([[0.2, -0.5, -0.4, -2.4], [1.8, 1.1, -0.3, 0.8]]),
        "single": np.corrcoef(samples).astype(np.float32),
        "gram": samples.astype(np.float32) @ samples.T.astype(np.float32),
        "covariance": np.cov(1e6 * samples),
    }.items():
        np.save(tmp_path / "a.npy", matrix)
        words = ["aspect_ratio=0.75", "--eigenvalues", str(tmp_path / "a.npy")]
        code = main(["spectrum", "marchenko-pastur", *words, "-o", str(tmp_path / "a.png")])
        assert code == 0, f"{name}: {capsys.readouterr().err}"
        assert "Kolmogorov distance" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array([[1, 0.5], [0.5001, 1]]), "is not symmetric: two entries"),
        (np.ones((2, 3)), "shape (2, 3) is not allowed (a symmetric matrix"),
        (np.ones((2, 2, 2)), "shape (2, 2, 2)"),
        (np.float64(3), "holds an array of shape ()"),
        (np.array([1, 1j]), "of type complex128 are not allowed (real numbers)"),
        (np.array([[0, 1j], [-1j, 0]]), "of type complex128 are not allowed (real numbers)"),
        (np.array(["1", "2"]), "are not allowed (real numbers)"),
        (np.array([1, np.nan]), "infinities or NaN"),
        (np.array([[np.inf, 1], [1, 2]]), "infinities or NaN"),
    ],
)
def test_what_are_no_eigenvalues_is_one_line(array, words, tmp_path, capsys):
    np.save(tmp_path / "a.npy", array)
    assert main(["spectrum", "semicircle", "--eigenvalues", str(tmp_path / "a.npy")]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.npy", header(f"({10**15},)"), "mmap length is greater than file size"),
        ("a.npy", header(f"({10**30},)"), "too large"),
        ("a.npy", header("(-5,)") + bytes(80), "negative dimensions"),
        ("a.npy", header("(10,)") + bytes(8), "mmap length is greater than file size"),
        ("a.npy", b"", "No data left in file"),
        ("a.npy", b"PK\x03\x04 no archive", "not a zip file"),
        ("a.npy", b"0.5\n1.5\n", "no array of numbers"),
        ("a.pkl", b"\x80\x04N.", "no array of numbers"),
        ("a.csv.gz", b"\x1f\x8b", "no array of numbers"),
    ],
)
def test_spoilt_files_are_one_line(name, content, words, tmp_path, capsys):
    (tmp_path / name).write_bytes(content)
    assert main(["spectrum", "semicircle", "--eigenvalues", str(tmp_path / name)]) == 2
    error = capsys.readouterr().err
    assert "cannot be read as .npy" in error
    assert words in error
    assert error.count("\n") == 1


def test_an_archive_that_claims_too_much_is_one_line(tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", header(f"({10**15},)"))
    assert main(["spectrum", "semicircle", "--eigenvalues", str(tmp_path / "a.npz")]) == 2
    error = capsys.readouterr().err
    assert "save it again" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("name", ["[red]a.png", ":fire:.png", "a[].png", f"{'long ' * 30}.png"])
def test_names_of_files_are_printed_as_they_are(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "40")
    for command in (
        ["spectrum", "semicircle"],
        ["plot", "ensemble", "views=2", "networks=1:3"],
    ):
        assert main([*command, "-o", name]) == 0
        assert f"Figure: {name}\n" in capsys.readouterr().out
        assert Path(name).is_file()
        Path(name).unlink()
