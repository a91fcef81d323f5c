"""`--engine ray` reaches the workers of every command that has any; torchrun reaches nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from saccade import cli
from saccade.errors import UserInputError
from saccade.training import workers_ray

COMMANDS = [
    "record push_box --episodes 2 --out {out}",
    "eval push --policy random --episodes 2 --out {out}",
    "eval hart --tracker still --sequences 2 --frames 2 --out {out}",
    "table hart --preset smoke --only hart --out {out}",
    "table push --only random-1 --out {out}",
    "train push --preset smoke --out {out}",
    "train hart --preset smoke --out {out}",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_works_in_parallel_asks_the_cluster(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    asked: list[tuple[int, str]] = []

    def pool(setup: Any, function: Any, workers: int, prepare: Any, address: str) -> None:
        asked.append((workers, address))
        raise UserInputError("that is enough")

    monkeypatch.setattr(workers_ray, "RayPool", pool)
    words = command.format(out=tmp_path / "out").split()
    ray = ["--engine", "ray", "--ray-address", "head:6379", "--workers", "2"]
    assert cli.main([*words, *ray]) == 2
    assert "that is enough" in capsys.readouterr().err
    assert asked == [(1 if words[0] == "table" else 2, "head:6379")]


@pytest.mark.parametrize("system", ["push", "hart"])
def test_several_processes_of_torchrun_do_not_train_one_run(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.setenv("WORLD_SIZE", "2")
    out = tmp_path / "run"
    assert cli.main(["train", system, "--preset", "smoke", "--out", str(out)]) == 2
    assert "WORLD_SIZE=2" in capsys.readouterr().err
    assert not out.exists()
