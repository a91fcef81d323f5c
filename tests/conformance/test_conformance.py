"""What the verbs promise, of every registered system: a system that is registered is tested."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

import saccade as package
from conformance.case import Conforming, conforming
from conformance.conftest import SEED, first
from interruptions import assert_same_files, kill_between_steps, stop_after, tree
from saccade.options import parse_options
from saccade.systems import SYSTEMS
from saccade.training import fit
from saccade.training.run import Run
from saccade.verbs import evaluate


def test_a_system_that_brings_no_case_is_told_what_to_add() -> None:
    with pytest.raises(LookupError, match=r"'grasp' is registered.*tests/conformance/grasp\.py"):
        conforming("grasp")


def test_the_first_screen_of_help_shows_the_main_settings_once(saccade, system: Conforming) -> None:
    listed = [
        line.split()[0]
        for line in saccade("train", system.name, "--help").out.splitlines()
        if line.startswith("  --")
    ]
    assert len(set(listed)) == len(listed)
    assert {f"--{name}" for name in system.options.MAIN} <= set(listed)


def test_a_run_says_what_it_is(system: Conforming, trained: Path) -> None:
    run = Run.open(trained)
    assert run.config["system"] == system.name and run.seed == SEED
    assert system.training.settings_of(run) == system.config()
    records = [json.loads(line) for line in run.metrics_file.read_text().splitlines()]
    assert all({"stage", "step"} <= record.keys() for record in records)
    assert any(isinstance(record.get("loss"), float) for record in records)
    assert {"config.json", "model.safetensors"} <= {p.name for p in (trained / "weights").iterdir()}


def test_stopped_and_resumed_equals_uninterrupted(
    saccade, system: Conforming, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sitting is a little longer: data that a stop leaves unfinished may start anew."""
    run, words, sittings = tmp_path / "run", ["train", system.name], 0
    given = [*words, *first(system, run)]
    while True:
        with monkeypatch.context() as patch:
            patch.setattr(fit, "GracefulStop", stop_after(3 + sittings))
            done = saccade(*given)
        if done.code == 0:
            break
        assert done.code == 130, done.err
        sittings += 1
        line = done.out.splitlines()[-1]
        assert line.startswith(
            f"stopped; everything is saved. Go on with: saccade train {system.name}"
        )
        given = shlex.split(line.partition("Go on with: saccade ")[2])
        assert given[:2] == words and str(run) in given
    assert sittings >= 2, "too few steps to be stopped twice: give CASE.train more"
    assert_same_files(Run.open(run), Run.open(trained))


def test_killed_and_resumed_equals_uninterrupted(
    system: Conforming, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the first checkpoint of a stage, and after it."""
    training, config = system.training, system.config()
    run = training.start(tmp_path / "run", config, SEED)

    def sit() -> None:
        training.train(Run.open(run.folder), config, 1, (), "cpu")

    kill_between_steps(sit, (1, 3, 1), monkeypatch)
    sit()
    assert_same_files(run, Run.open(trained))


def test_a_run_is_not_overwritten_and_keeps_its_settings(
    saccade, system: Conforming, trained: Path
) -> None:
    before = tree(trained)
    train = ("train", system.name)
    saccade(*train, *first(system, trained)).mistake(f"{trained} holds a run", "--resume")
    saccade(*train, "--resume", trained, "--seed", 3).mistake("leave out --seed 3")
    saccade(*train, "--resume", trained, "--preset", "smoke").mistake("leave out --preset smoke")
    saccade(*train, "--resume", "no/such/run").mistake("no run in no/such/run")
    assert tree(trained) == before


def test_an_evaluation_is_kept_and_reported(system: Conforming, evaluated: Path) -> None:
    document = json.loads((evaluated / "results.json").read_text())
    assert document["system"] == system.name
    assert document["command"].startswith(f"saccade eval {system.name} --")
    assert " --weights " in document["command"]
    assert document["machine"]["cores"] >= 1 and document["started"]
    page = (evaluated / "report.html").read_text()
    assert document["command"].split()[0] in page and "<img" in page


def test_a_stopped_evaluation_keeps_what_was_played(
    saccade, system: Conforming, trained: Path, evaluated: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    options = ("eval", system.name, "--weights", trained, *system.case.eval, "--out")
    monkeypatch.setattr(evaluate, "GracefulStop", stop_after(1))
    done = saccade(*options, tmp_path / "one")
    assert done.code == 130 and "stopped after 1 of 2" in done.out
    assert json.loads((tmp_path / "one/results.json").read_text())["system"] == system.name
    assert (tmp_path / "one/report.html").exists()
    monkeypatch.setattr(evaluate, "GracefulStop", stop_after(0))
    done = saccade(*options, tmp_path / "none")
    assert done.code == 130 and "nothing was written" in done.out
    assert not (tmp_path / "none/results.json").exists()


def test_everything_can_be_shown(
    saccade, system: Conforming, trained: Path, evaluated: Path, tmp_path: Path
) -> None:
    """The run with its weights, and its evaluation; what is said to be written is there."""
    about = system.training.about(system.config())
    for target, words in (
        (trained, f"run {trained}: seed {SEED}, {about}"),
        (evaluated, f"evaluation {evaluated}\nsaccade eval {system.name}"),
    ):
        out = tmp_path / target.name
        options = system.case.show if target != evaluated else ()
        done = saccade("show", target, "--out", out, *options)
        assert done.code == 0, done.err
        assert words in done.out
        assert (f"weights {trained / 'weights'}: " in done.out) == (target == trained)
        written = Path(done.out.splitlines()[-1])
        assert written.is_file() and written.is_relative_to(
            evaluated if target == evaluated else out
        )


def test_shipped_weights_answer_as_the_run_and_their_card_tells_how_they_were_made(
    saccade, system: Conforming, trained: Path, evaluated: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "stale.txt").write_text("of weights before")
    results = evaluated / "results.json"
    assert saccade("ship", trained, "--results", evaluated, "--to", folder).code == 0
    assert not (folder / "stale.txt").exists()
    ours, theirs = (system.case.answer(package.load(place)) for place in (trained, folder))
    np.testing.assert_equal(theirs, ours)
    card = (folder / "README.md").read_text()
    (line,) = [line for line in card.splitlines() if f"    saccade eval {system.name}" in line]
    command = SYSTEMS[system.name].command("eval")
    assert command is not None
    again, before = (
        parse_options(command.options, shlex.split(words)[3:], "saccade eval")
        for words in (line, json.loads(results.read_text())["command"])
    )
    assert again.seed == before.seed
    (line,) = [line for line in card.splitlines() if f"saccade train {system.name}" in line]
    words = shlex.split(line)[3:]
    given = parse_options(system.options, words, "saccade train")
    assert given.config == system.config() and given.seed == SEED


def test_a_result_of_something_else_is_not_shipped(
    saccade, system: Conforming, trained: Path, tmp_path: Path
) -> None:
    folder, results = tmp_path / "shipped", tmp_path / "results.json"
    assert saccade("ship", trained, "--to", folder).code == 0
    assert "Not measured yet" in (folder / "README.md").read_text()
    before = tree(folder)
    for document in ({"system": "grasp"}, {"system": system.name, "command": "saccade eval"}, []):
        results.write_text(json.dumps(document))
        saccade("ship", trained, "--results", results, "--to", folder).mistake("results.json")
    assert tree(folder) == before


def test_a_run_without_weights_says_how_to_go_on(
    saccade, system: Conforming, tmp_path: Path
) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    system.training.start(run, system.config(), SEED)
    go_on = f"go on with: saccade train {system.name} --resume {run}"
    saccade("ship", run, "--to", out).mistake("has no weights yet", go_on)
    saccade("eval", system.name, "--weights", run, "--out", out).mistake(go_on)
    shown = saccade("show", run, "--out", out)
    assert shown.code == 0 and go_on in shown.out
    assert not out.exists()
