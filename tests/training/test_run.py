"""A run's folder: creation, refusal, metrics that survive, resume that repeats nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from full_disk import REFUSAL, files_of_at_most
from killing import killed_before
from saccade.errors import (
    DamagedFileError,
    FolderInUseError,
    MissingExtraError,
    StorageError,
    UserInputError,
)
from saccade.storage.folders import in_use
from saccade.training import run as run_module
from saccade.training.fit import open_session
from saccade.training.metrics import MetricsWriter, make_sink, read_metrics
from saccade.training.provenance import git_revision
from saccade.training.run import Run, is_run


def test_a_run_knows_where_it_comes_from(tmp_path: Path):
    created = Run.create(
        tmp_path / "a" / "run", {"learning_rate": 1e-4, "widths": (16, 32)}, seed=7
    )
    opened = Run.open(tmp_path / "a" / "run")
    assert created == opened
    assert opened.config == {"learning_rate": 1e-4, "widths": [16, 32]}
    assert opened.seed == 7
    facts = json.loads((opened.folder / "run.json").read_text())
    # A CUDA build from PyPI calls itself 2.13.0+cu130, its distribution 2.13.0.
    assert facts["versions"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert facts["machine"]["cores"] >= 1
    assert facts["machine"]["memory_bytes"] > 2**28
    assert facts["python"] == ".".join(map(str, sys.version_info[:3]))


def test_the_revision_is_that_of_this_checkout_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A copy that a foreign repository does not track must not report that repository."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    copy = tmp_path / "provenance.py"
    copy.write_text("")
    monkeypatch.setattr("saccade.training.provenance.__file__", str(copy))
    assert git_revision() is None
    author = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    subprocess.run(["git", "-C", str(tmp_path), *author, "commit", "-qm", "x"], check=True)
    committed = git_revision()
    assert committed is not None
    assert len(committed["revision"]) == 40
    assert not committed["modified"]
    copy.write_text("changed")
    changed = git_revision()
    assert changed is not None
    assert changed["modified"]


def test_a_run_never_overwrites(tmp_path: Path):
    Run.create(tmp_path / "run", {}, seed=0)
    with pytest.raises(UserInputError, match="holds a run already; resume it"):
        Run.create(tmp_path / "run", {}, seed=0)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").write_text("x")
    with pytest.raises(UserInputError, match="not empty and holds no run"):
        Run.create(tmp_path / "photos", {}, seed=0)
    with pytest.raises(UserInputError, match="is a file"):
        Run.create(tmp_path / "photos" / "holiday.jpg", {}, seed=0)
    with pytest.raises(UserInputError, match="there is no run in"):
        Run.open(tmp_path / "photos")


def test_a_configuration_that_is_no_json_leaves_nothing_behind(tmp_path: Path):
    with pytest.raises(UserInputError, match="configuration cannot be written as JSON"):
        Run.create(tmp_path / "run", {"f": print}, seed=0)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"seed": "seven"}'])
def test_a_damaged_run_file_is_named(tmp_path: Path, content: str):
    Run.create(tmp_path / "run", {}, seed=0)
    (tmp_path / "run" / "run.json").write_text(content)
    assert is_run(tmp_path / "run")
    with pytest.raises(DamagedFileError, match=r"run\.json"):
        Run.open(tmp_path / "run")


def test_resumed_metrics_equal_uninterrupted_ones(tmp_path: Path):
    """Stages count their own steps, so cutting must not go by the step number."""

    def train(folder: Run, records: list[tuple[int, str]], writer: MetricsWriter) -> None:
        for step, stage in records:
            writer.write(step, stage, {"loss": 1.0 / (step + 1)})

    records = [(1, "offline"), (2, "offline"), (1, "online"), (2, "online"), (3, "online")]
    whole = Run.create(tmp_path / "whole", {}, seed=0)
    with whole.metrics() as writer:
        train(whole, records, writer)

    broken = Run.create(tmp_path / "broken", {}, seed=0)
    with broken.metrics() as writer:
        train(broken, records[:3], writer)
        saved = writer.lines  # As a checkpoint holds it.
        train(broken, records[3:4], writer)
    with broken.metrics_file.open("a") as file:
        file.write('{"step": 3, "sta')  # What a kill leaves.
    assert len(read_metrics(broken.metrics_file)) == 4
    with broken.metrics(keep_lines=saved) as writer:
        train(broken, records[3:], writer)
    assert broken.metrics_file.read_bytes() == whole.metrics_file.read_bytes()


def test_metrics_lines_are_json_with_null_for_what_is_not_finite(tmp_path: Path):
    with MetricsWriter(tmp_path / "m.jsonl") as writer:
        writer.write(
            3, "offline", {"loss": torch.tensor(0.5), "n": 2, "bad": float("nan"), "who": "x"}
        )
        expected = {"step": 3, "stage": "offline", "loss": 0.5, "n": 2, "bad": None, "who": "x"}
        assert read_metrics(tmp_path / "m.jsonl") == [expected]
        with pytest.raises(UserInputError, match="cannot be called 'step'"):
            writer.write(4, "offline", {"step": 1})
        with pytest.raises(UserInputError, match="metric 'loss' is a list"):
            writer.write(4, "offline", {"loss": [1]})  # pyright: ignore[reportArgumentType]


def test_a_damaged_metrics_line_is_named(tmp_path: Path):
    (tmp_path / "m.jsonl").write_text('{"step": 1, "stage": "a"}\nnonsense\n{"step": 2}\n')
    with pytest.raises(DamagedFileError, match=r"m\.jsonl, line 2, is damaged"):
        read_metrics(tmp_path / "m.jsonl")


def test_sinks_get_the_same_numbers(tmp_path: Path):
    class Memory:
        seen: list[tuple[int, dict[str, float]]] = []  # noqa: RUF012
        closed = False

        def write(self, step: int, values: dict[str, float]) -> None:  # pyright: ignore
            self.seen.append((step, values))

        def close(self) -> None:
            self.closed = True

    sink = Memory()
    with MetricsWriter(tmp_path / "m.jsonl", sinks=[sink]) as writer:  # pyright: ignore
        writer.write(3, "online", {"loss": 0.5, "note": "text", "bad": float("inf")})
    assert sink.seen == [(3, {"online/loss": 0.5})]
    assert sink.closed


@pytest.mark.parametrize("name", ["tensorboard", "wandb", "trackio"])
def test_a_missing_sink_names_the_extra(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[log\]"):
        make_sink(name, tmp_path, "run", {})


def test_an_unknown_sink_names_the_choices(tmp_path: Path):
    with pytest.raises(UserInputError, match="valid sinks: tensorboard, wandb, trackio"):
        make_sink("csv", tmp_path, "run", {})


def test_a_full_disk_starts_no_run(tmp_path: Path):
    with files_of_at_most(100), pytest.raises(StorageError, match=REFUSAL) as caught:
        Run.create(tmp_path / "run", {}, seed=0)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", [False, True])
def test_a_start_that_is_killed_at_any_moment_is_a_run_or_can_be_done_again(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(run_module, "describe_surroundings", dict)  # asks git, which takes time
    deaths = -1
    died = True
    while died:
        deaths += 1
        place = tmp_path / f"{deaths}"
        (place / "run").mkdir(parents=True) if there else place.mkdir()
        folder = place / "run"
        died = killed_before(deaths, lambda folder=folder: Run.create(folder, {}, seed=3))
        if not is_run(folder):
            Run.create(folder, {}, seed=3)
        with open_session(Run.open(folder)) as session:
            assert session.run.seed == 3
        names = {p.name for p in folder.iterdir()}
        assert names == {"checkpoints", "config.json", "run.json", "metrics.jsonl"}
        assert [p.name for p in place.iterdir()] == ["run"]
    assert deaths > 5


def test_a_run_is_not_started_where_one_is_being_started(tmp_path: Path):
    (tmp_path / "run").mkdir()
    with in_use(tmp_path / "run"), pytest.raises(FolderInUseError):
        Run.create(tmp_path / "run", {}, seed=0)


def test_of_two_starts_at_once_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The second comes to its end while the first is about to write."""
    folder, write = tmp_path / "run", run_module._write

    def second_comes_first(*args: Any) -> None:
        monkeypatch.setattr(run_module, "_write", write)
        Run.create(folder, {}, seed=2)
        write(*args)

    monkeypatch.setattr(run_module, "_write", second_comes_first)
    with pytest.raises(StorageError, match="not empty"):
        Run.create(folder, {}, seed=1)
    assert Run.open(folder).seed == 2
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_somebody_elses_configuration_is_no_leftover(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserInputError, match="not empty and holds no run"):
        Run.create(tmp_path, {}, seed=0)


def test_a_full_disk_loses_no_metrics_written_before(tmp_path: Path):
    with MetricsWriter(tmp_path / "m.jsonl") as writer:
        writer.write(1, "offline", {"loss": 1.0})
        size = (tmp_path / "m.jsonl").stat().st_size
        with (
            files_of_at_most(size),
            pytest.raises(StorageError, match=rf"m\.jsonl could not be written: {REFUSAL}"),
        ):
            writer.write(2, "offline", {"loss": 1.0})
    assert [record["step"] for record in read_metrics(tmp_path / "m.jsonl")] == [1]
