"""`saccade eval arm` and `saccade demo arm`: what is counted, what is pictured and filmed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from saccade.data.video import read_video, video_facts
from saccade.systems.arm.evaluate import Evaluation
from saccade.systems.arm.pictures import film
from saccade.systems.arm.pictures.film import FILMS
from saccade.systems.arm.record import evaluation_seed
from saccade.worlds.tabletop.env import FILMED, TabletopEnv

EPISODES = 6


@pytest.fixture(scope="module")
def on_the_left() -> list[bool]:
    """Whether the target of each placement of seed 0 is where `ReachRed` goes."""
    env, left = TabletopEnv("reach_target"), []
    for index in range(EPISODES):
        env.begin(evaluation_seed(0, index))
        left.append(env.world.state().pose("target").y > 0)
    env.close()
    return left


@pytest.fixture
def no_films(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it a mistake to draw a film."""

    def refuse(env: TabletopEnv, every: int = 1) -> Iterator[np.ndarray]:
        raise AssertionError("a film was drawn")

    monkeypatch.setattr(TabletopEnv, "film", refuse)


def films_of(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / FILMS).glob("*"))


def test_successes_and_failures_are_counted_and_filmed(saccade, reaching, tmp_path, on_the_left):
    asked = ("--weights", reaching, "--workers", 1, "--out", tmp_path)
    done = saccade("eval", "arm", *asked, "--episodes", EPISODES, "--pictured", 2)
    assert done.code == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert 0 < sum(on_the_left) < EPISODES
    assert [row["success"] for row in results["played"]] == on_the_left
    share = np.mean(on_the_left)
    assert results["success"]["mean"] == pytest.approx(share)
    assert results["success"]["ci95"][0] < share < results["success"]["ci95"][1]
    assert results["failures"]["out_of_reach"] == EPISODES - sum(on_the_left)
    assert sum(results["failures"].values()) == EPISODES - sum(on_the_left)
    assert results["actions"]["mean"] == 1
    assert results["return"]["mean"] == pytest.approx(share - (1 - share))  # 1 and -1
    names = {
        f"episode_{i:03d}_{'success' if left else 'failure'}.mp4"
        for i, left in enumerate(on_the_left)
    }
    films = films_of(tmp_path)
    assert len(films) == 2 and set(films) <= names
    assert {name.rpartition("_")[2] for name in films} == {"success.mp4", "failure.mp4"}
    page = (tmp_path / "report.html").read_text()
    assert page.count('step 1: where it looks"') == 2
    assert f"lie in {FILMS}/" in page
    # Other results are not mixed with the films of these.
    assert saccade("eval", "arm", *asked, "--episodes", 1, "--pictured", 1).code == 0
    assert films_of(tmp_path) == [name for name in sorted(names) if name.startswith("episode_000")]


def test_what_is_not_pictured_is_not_drawn(saccade, reaching, tmp_path, no_films):
    done = saccade(
        "eval", "arm", "--weights", reaching, "--workers", 1, "--episodes", 2, "--pictured", 0,
        "--out", tmp_path,
    )  # fmt: skip
    assert done.code == 0
    assert not (tmp_path / FILMS).exists()
    assert "lie in" not in (tmp_path / "report.html").read_text()


def test_a_demo_films_every_episode_in_real_time(saccade, reaching, tmp_path):
    done = saccade(
        "demo", "arm", "--weights", reaching, "--task", "reach_target", "--episodes", 2,
        "--out", tmp_path,
    )  # fmt: skip
    assert done.code == 0
    assert "Bring the fingertips to the red ball" in done.out
    results = json.loads((tmp_path / "results.json").read_text())
    (task,) = results["tasks"]
    assert task["task"] == "reach_target" and task["episodes"] == 2
    for played in task["played"]:
        ending = "success" if played["success"] else "failure"
        path = tmp_path / FILMS / "reach_target" / f"episode_{played['episode']:03d}_{ending}.mp4"
        assert str(path) in done.out
        facts = video_facts(path)
        width, height = FILMED
        assert (facts.width, facts.fps) == (width + film.PANEL, film.FRAMES_PER_SECOND)
        frames = [frame.astype(int)[-height:, :width] for frame in read_video(path)]
        still = round(film.END_SECONDS * film.FRAMES_PER_SECOND)
        seconds = (len(frames) - still - 1) / film.FRAMES_PER_SECOND
        if played["success"]:  # the arm sweeps through the picture for a second or two
            assert 0.5 < seconds < 3
            assert max(np.abs(frame - frames[0]).max() for frame in frames) > 60
        assert np.abs(frames[-1] - frames[-still + 1]).mean() < 1


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("eval", "--episodes", 0), ["--episodes", "0"]),
        (("eval", "--task", "fly"), ["unknown task 'fly'", "reach_target"]),
        (("eval", "--task", "open_drawer"), ["no weights of 'open_drawer'", "--weights"]),
        (("eval",), ["neither --task nor --weights", "stack_wine"]),
        (("eval", "--task", "stack_wine", "--disturbed", "fog"), ["fog", "distractors"]),
        (("demo", "--task", "fly"), ["unknown task 'fly'", "reach_target"]),
        (("demo", "--episodes", 0), ["episodes", "0"]),
        (("demo", "--weights", "nobody"), ["no weights 'nobody'"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, tmp_path, argv, words):
    verb, *rest = argv
    saccade(verb, "arm", *rest, "--out", tmp_path / "out").mistake(*words)
    assert not (tmp_path / "out").exists()


def test_an_evaluation_names_what_it_disturbs() -> None:
    assert Evaluation("reach_target", disturbed="camera").world.disturbances.camera_shift > 0
    assert Evaluation("reach_target", attach=True).world.attach
