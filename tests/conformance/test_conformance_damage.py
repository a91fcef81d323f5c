"""A hostile or damaged folder costs one line and exit code 2, whatever verb reads it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import saccade as package
from conformance.case import Conforming
from interruptions import tree
from saccade.errors import SaccadeError

NESTED = "[" * 100_000 + "]" * 100_000
DAMAGED_CONFIGS: dict[str, Callable[[dict], str]] = {
    "empty": lambda content: "",
    "a list": lambda content: json.dumps([content]),
    "a number": lambda content: "3",
    "nested": lambda content: NESTED,
    "nested settings": lambda content: json.dumps(content)[:-1] + f', "config": {NESTED}}}',
    "NaN": lambda content: '{"system": NaN}',
    "another system": lambda content: json.dumps(content | {"system": "grasp"}),
    "system is a list": lambda content: json.dumps(content | {"system": [content["system"]]}),
    "no settings": lambda content: json.dumps({"system": content["system"]}),
    "settings are a list": lambda content: json.dumps(content | {"config": [1]}),
    "unknown setting": lambda content: json.dumps(
        content | {"config": content["config"] | {"colour": "red"}}
    ),
    "not text": lambda content: "\udcff\udcfe",
}
DAMAGED_TENSORS = ("empty", "cut", "not finite", "others", "header too long", "no file", "a folder")


def write_config(folder: Path, damage: str) -> None:
    path = folder / "config.json"
    text = DAMAGED_CONFIGS[damage](json.loads(path.read_text()))
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


def write_tensors(path: Path, damage: str) -> None:
    whole = path.read_bytes()
    match damage:
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "not finite":
            tensors = load_file(path)
            name = next(name for name, tensor in tensors.items() if tensor.is_floating_point())
            tensors[name] = torch.full_like(tensors[name], torch.nan)
            save_file(tensors, path)
        case "others":
            save_file({"surprise": torch.zeros(3)}, path)
        case "header too long":
            path.write_bytes(struct.pack("<Q", 1 << 62) + whole[8:])
        case "no file":
            path.unlink()
        case "a folder":
            path.unlink()
            path.mkdir()


@pytest.fixture
def refused(saccade, system: Conforming, tmp_path: Path) -> Callable[..., None]:
    """Requires that each of the verbs refuses the folder in one line and writes nothing."""

    def refuse(folder: Path, *verbs: str) -> None:
        before = tree(folder)
        out = tmp_path / "out"
        words: dict[str, tuple[object, ...]] = {
            "train": ("train", system.name, "--resume", folder, "--workers", 1),
            "eval": ("eval", system.name, "--weights", folder, "--out", out, *system.case.eval),
            "show": ("show", folder, "--out", out),
            "ship": ("ship", folder, "--to", out),
        }
        for verb in verbs:
            saccade(*words[verb]).mistake()
            assert not out.exists(), verb
        with pytest.raises(SaccadeError) as caught:
            package.load(folder)
        assert "\n" not in str(caught.value).strip()
        assert tree(folder) == before

    return refuse


@pytest.mark.parametrize("damage", DAMAGED_CONFIGS)
def test_a_damaged_description_is_refused(
    copied: Callable[[str], Path], refused: Callable[..., None], damage: str
) -> None:
    weights = copied("weights")
    write_config(weights, damage)
    refused(weights, "eval", "show")
    run = copied("")
    write_config(run / "weights", damage)
    refused(run, "eval", "ship")


@pytest.mark.parametrize("damage", DAMAGED_TENSORS)
def test_damaged_weights_are_refused(
    copied: Callable[[str], Path], refused: Callable[..., None], damage: str
) -> None:
    run = copied("")
    write_tensors(run / "weights" / "model.safetensors", damage)
    refused(run / "weights", "eval", "show")
    refused(run, "eval", "ship")


@pytest.mark.parametrize("damage", DAMAGED_CONFIGS)
def test_a_run_whose_description_is_damaged_is_refused(
    copied: Callable[[str], Path], saccade, system: Conforming, tmp_path: Path, damage: str
) -> None:
    run, out = copied(""), tmp_path / "out"
    write_config(run, damage)
    saccade("train", system.name, "--resume", run, "--workers", 1).mistake()
    saccade("show", run, "--out", out).mistake()
    saccade("ship", run, "--to", out).mistake()
    assert not out.exists()


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"seed": "x"}', '{"seed": 1e400}', NESTED, None]
)
def test_a_run_that_does_not_say_its_seed_is_refused(
    copied: Callable[[str], Path], saccade, system: Conforming, tmp_path: Path, content: str | None
) -> None:
    run, out = copied(""), tmp_path / "out"
    (run / "run.json").unlink()
    if content is not None:
        (run / "run.json").write_text(content)
    saccade("train", system.name, "--resume", run, "--workers", 1).mistake()
    saccade("ship", run, "--to", out).mistake()
    if content is not None:
        saccade("show", run, "--out", out).mistake("run.json")
    assert not out.exists()


@pytest.mark.parametrize("damage", ["empty", "cut", "others", "header too long"])
def test_a_damaged_checkpoint_is_refused(
    copied: Callable[[str], Path], saccade, system: Conforming, damage: str
) -> None:
    run = copied("")
    for path in (run / "checkpoints").rglob("*.safetensors"):
        write_tensors(path, damage)
    saccade("train", system.name, "--resume", run, "--workers", 1).mistake(str(run))


def test_an_empty_folder_is_nothing(
    system: Conforming, refused: Callable[..., None], tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    refused(folder, "train", "eval", "show", "ship")


def test_weights_of_another_system_are_refused(
    saccade, system: Conforming, copied: Callable[[str], Path], tmp_path: Path
) -> None:
    run = copied("")
    for path in (run / "config.json", run / "weights" / "config.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"system": "another"}))
    verbs = (
        ("train", system.name, "--resume", run),
        ("eval", system.name, "--weights", run, "--out", tmp_path / "out"),
        ("show", run, "--out", tmp_path / "out"),
        ("ship", run, "--to", tmp_path / "out"),
    )
    for words in verbs:
        saccade(*words).mistake()
    assert not (tmp_path / "out").exists()
