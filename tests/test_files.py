"""Files that people have: every kind gives the same numbers, and what is wrong is one line."""

import builtins
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from mvtheory import read_outputs
from mvtheory.cli import main
from mvtheory.reading import READERS
from mvtheory.rows import LazyRows, Stored

VALUES = np.array([[0.5, 1.5, -1.25], [0.25, -3.0, 2.0]])
"""Numbers that bfloat16 holds exactly."""
LABELS = np.array([2, 0])


def header(shape: str) -> bytes:
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(11 + len(text)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def safetensors(path: Path, **arrays: tuple[str, np.ndarray]) -> None:
    """Written by the format's specification: length, header in JSON, numbers."""
    about, numbers = {"__metadata__": {"format": "pt"}}, b""
    for name, (kind, array) in arrays.items():
        data = array.tobytes()
        about[name] = {"dtype": kind, "shape": array.shape,
                       "data_offsets": [len(numbers), len(numbers) + len(data)]}  # fmt: skip
        numbers += data
    text = json.dumps(about).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + numbers)


def bits(array: np.ndarray) -> np.ndarray:
    """Of bfloat16, of numbers that it holds."""
    return (array.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)


def table(path: Path, separator: str, header: bool) -> None:
    lines = ["label", "a", "b", "c"] if header else []
    rows = [
        [f"{word}" for word in (label, *row)] for label, row in zip(LABELS, VALUES, strict=True)
    ]
    path.write_text("\n".join(separator.join(row) for row in ([lines] if header else []) + rows))


def parquet(path: Path, columns: dict) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table(columns), path)


def write(kind: str, folder: Path) -> str:
    """VALUES as a file; what to call them."""
    half, single = VALUES.astype(np.float16), VALUES.astype(np.float32)
    path = folder / f"a.{kind.split()[0]}"
    match kind:
        case "npy":
            np.save(path, VALUES)
        case "npy half":
            np.save(path, half)
        case "npy brain":  # as other packages' bfloat16 is saved
            np.save(path, bits(VALUES).view("V2"))
        case "npy fortran":
            np.save(path, np.asfortranarray(single))
        case "npz":
            np.savez(path, student=single)
        case "npz two":
            np.savez(path, labels=LABELS, student=half)
            return f"{path}:student"
        case "npz compressed":
            np.savez_compressed(path, labels=LABELS, student=single)
            return f"{path}:student"
        case "npz fortran":
            np.savez(path, labels=LABELS, student=np.asfortranarray(VALUES))
            return f"{path}:student"
        case "pt":
            torch.save(torch.tensor(VALUES, requires_grad=True), path)
        case "pt brain":
            torch.save({"labels": torch.tensor(LABELS),
                        "student": torch.tensor(VALUES, dtype=torch.bfloat16)}, path)  # fmt: skip
            return f"{path}:student"
        case "pt list":
            torch.save([torch.tensor(LABELS), torch.tensor(half)], path)
            return f"{path}:1"
        case "pth":  # the format before 2020
            torch.save(torch.tensor(single), path, _use_new_zipfile_serialization=False)
        case "pt turned":
            torch.save(torch.tensor(VALUES.T.copy(), dtype=torch.bfloat16).T, path)
        case "pt sparse":
            torch.save(torch.tensor(VALUES).to_sparse(), path)
        case "safetensors":
            safetensors(path, student=("F32", single))
        case "safetensors half":
            safetensors(path, labels=("I64", LABELS), student=("F16", half))
            return f"{path}:student"
        case "safetensors brain":
            safetensors(path, labels=("I64", LABELS), student=("BF16", bits(VALUES)))
            return f"{path}:student"
        case "csv":
            np.savetxt(path, VALUES, delimiter=",", header="written by numpy")
        case "tsv":
            path.write_text("a\tb\tc\n" + "\n".join("\t".join(map(str, row)) for row in VALUES))
        case "txt":
            np.savetxt(path, VALUES)
        case "csv words":  # a column of names is no output
            rows = zip(("dog", "cat"), VALUES, strict=True)
            lines = [",".join(map(str, (name, *row))) for name, row in rows]
            path.write_text("\ufeffname,a,b,c\n" + "\n".join(lines))
        case "parquet":
            parquet(path, dict(zip("abc", VALUES.T, strict=True)))
        case "parquet lists":
            parquet(path, {"label": LABELS, "logits": single.tolist()})
            return f"{path}:logits"
    return str(path)


KINDS = ("npy", "npy half", "npy brain", "npy fortran", "npz", "npz two", "npz compressed",
         "npz fortran", "pt", "pt brain", "pt list", "pth", "pt turned", "pt sparse", "safetensors",
         "safetensors half", "safetensors brain", "csv", "tsv", "txt", "csv words", "parquet",
         "parquet lists")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_gives_the_numbers(kind, tmp_path):
    found = read_outputs(write(kind, tmp_path))
    assert found.shape == VALUES.shape
    np.testing.assert_array_equal(np.asarray(found), VALUES)
    if isinstance(found, LazyRows):  # twice: pages that were let go are read again
        for rows in (slice(1, 2), np.array([1]), slice(0, 2), slice(1, 2)):
            np.testing.assert_array_equal(found[rows], VALUES[rows])


def test_every_reader_is_tried():
    assert {f".{kind.split()[0]}" for kind in KINDS} == {".npy", *READERS}


@pytest.mark.parametrize("kind", ["npy", "npz", "npz two", "npz fortran", "safetensors half"])
def test_what_is_not_compressed_stays_on_disk(kind, tmp_path):
    assert isinstance(read_outputs(write(kind, tmp_path)), np.memmap)


@pytest.mark.parametrize("kind", ["pt", "pt brain", "safetensors brain"])
def test_pages_of_maps_alone_are_let_go(kind, tmp_path):
    found = read_outputs(write(kind, tmp_path))
    assert isinstance(found, Stored)
    assert found.mapped


@pytest.mark.parametrize("kind", ["pth", "pt turned", "pt sparse"])
def test_pages_that_cannot_be_read_again_are_kept(kind, tmp_path):
    assert not read_outputs(write(kind, tmp_path)).mapped


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("ending", [".csv", ".tsv", ".txt"])
def test_columns_are_chosen_by_name_or_number(ending, header, tmp_path):
    path = tmp_path / f"a{ending}"
    table(path, {".csv": ",", ".tsv": "\t", ".txt": " "}[ending], header)
    np.testing.assert_array_equal(read_outputs(f"{path}:{'label' if header else 0}"), LABELS)
    np.testing.assert_array_equal(read_outputs(f"{path}:{'b' if header else 2}"), VALUES[:, 1])
    assert read_outputs(path).shape == (2, 4)


def test_a_column_of_words(tmp_path):
    (tmp_path / "a.csv").write_text("name,size\n" + "\n".join(f"{w},1" for w in ("dog", "cat")))
    assert read_outputs(f"{tmp_path}/a.csv:name").tolist() == ["dog", "cat"]
    # One column of words has a header if it is asked for by it; else all of them may be labels.
    (tmp_path / "b.csv").write_text("name\ndog\ncat\n")
    assert read_outputs(f"{tmp_path}/b.csv:name").tolist() == ["dog", "cat"]
    assert read_outputs(tmp_path / "b.csv").tolist() == ["name", "dog", "cat"]
    (tmp_path / "b.txt").write_text("dog\ncat\n")
    assert read_outputs(tmp_path / "b.txt").tolist() == ["dog", "cat"]


def test_one_column_is_flat(tmp_path):
    np.savetxt(tmp_path / "a.csv", VALUES[:, 1], header="value", comments="")
    np.testing.assert_array_equal(read_outputs(tmp_path / "a.csv"), VALUES[:, 1])
    parquet(tmp_path / "a.parquet", {"name": ["dog", "cat"]})
    assert read_outputs(tmp_path / "a.parquet").tolist() == ["dog", "cat"]


def test_an_index_that_pandas_kept_is_no_class(tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame(VALUES, columns=list("abc"), index=[7, 3])
    frame.to_parquet(tmp_path / "a.parquet")
    np.testing.assert_array_equal(read_outputs(tmp_path / "a.parquet"), VALUES)
    frame.to_csv(tmp_path / "a.csv")
    with pytest.raises(ValueError, match=r"column 0 has no name.*index=False"):
        read_outputs(tmp_path / "a.csv")
    frame.to_csv(tmp_path / "a.csv", index=False)
    np.testing.assert_array_equal(read_outputs(tmp_path / "a.csv"), VALUES)


@pytest.mark.parametrize(
    ("ending", "library", "words"),
    [(".pt", "torch", "it needs torch; pip install"), (".parquet", "pyarrow", "it needs pyarrow")],
)
def test_a_library_that_is_missing_is_named(ending, library, words, tmp_path, monkeypatch):
    (tmp_path / f"a{ending}").write_bytes(b"")
    plain = builtins.__import__

    def without(name, *more):
        if name.split(".")[0] == library:
            raise ImportError(name)
        return plain(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ValueError, match=f"{words}.*mvtheory\\[files\\]"):
        read_outputs(tmp_path / f"a{ending}")


def test_no_code_of_a_file_of_torch_is_run(tmp_path):
    class Harm:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "harm",))

    torch.save({"a": torch.ones(2), "b": Harm()}, tmp_path / "a.pt")
    with pytest.raises(ValueError, match=r"torch loads no weights from it.*save the tensor alone"):
        read_outputs(tmp_path / "a.pt")
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("kind", ["npz two", "pt brain", "safetensors half"])
def test_one_of_several_arrays_is_named(kind, tmp_path):
    path = write(kind, tmp_path).rpartition(":")[0]
    with pytest.raises(ValueError, match=r"several arrays \(labels, student\).*a\..*:labels"):
        read_outputs(path)
    with pytest.raises(ValueError, match="holds no array 'teacher'"):
        read_outputs(f"{path}:teacher")
    np.testing.assert_array_equal(np.asarray(read_outputs(f"{path}:labels")), LABELS)


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
        ("a.csv", b"", "it is empty"),
        ("a.csv", b"1,2\n3\n", "save it again"),
        ("a.csv", b"a,b\n1,2\n3,x\n", "could not convert string 'x'"),
        ("a.csv", b"a,a\n1,2\n", "two columns have the name 'a'"),
        ("a.pt", b"PK", "torch loads no weights"),
        ("a.safetensors", b"", "its header is not whole"),
        ("a.safetensors", b"\x02" + bytes(7) + b"x}", "its header is no JSON"),
        ("a.parquet", b"PAR1", "save it again"),
    ],
)
def test_spoilt_files_are_one_line(name, content, words, tmp_path, capsys):
    (tmp_path / name).write_bytes(content)
    assert main(["spectrum", "semicircle", "--eigenvalues", str(tmp_path / name)]) == 2
    error = capsys.readouterr().err
    kind = Path(name).suffix
    assert f"cannot be read as {kind if kind in READERS else '.npy'}" in error
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
