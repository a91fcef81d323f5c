from __future__ import annotations

import json

import numpy as np
import pytest

from saccade.data.video import read_video, video_facts
from saccade.systems.push.commands import demo as command
from saccade.systems.push.pictures import film
from saccade.viewing import video
from saccade.worlds import offscreen
from saccade.worlds.rendering import NO_GL, choose_backend
from saccade.worlds.scenarios import list_scenarios

SHORT = ("--objects", 1, "--protocol.max-actions", 2)


def check_files(out, n_pushes: int) -> None:
    page = (out / "report.html").read_text()
    for step in range(1, n_pushes + 1):
        assert f'alt="learned, step {step}: outcome"' in page
        assert (out / "pictures" / f"push_{step:02d}.png").stat().st_size > 1000
    assert 'alt="scripted, step 1: outcome"' in page
    results = json.loads((out / "results.json").read_text())
    assert results["scenarios"][0]["actions"] == n_pushes
    assert len(list_scenarios(out / "scenarios")) == 1


def test_without_gl_all_but_the_video_is_there(saccade, weights, tmp_path, monkeypatch):
    monkeypatch.setattr(offscreen, "choose_backend", lambda: NO_GL)
    monkeypatch.setattr(offscreen.OffscreenRenderer, "_failure", "")
    done = saccade("demo", "--weights", weights, "--out", tmp_path, *SHORT)
    assert done.code == 0
    assert [line for line in done.out.splitlines() if "no GL" in line and "saccade doctor" in line]
    pushes = [line for line in done.out.splitlines() if "towards" in line]
    assert 1 <= len(pushes) <= 2
    check_files(tmp_path, len(pushes))
    assert not (tmp_path / "video.mp4").exists()
    assert "scripted (edge mask + direction)" in done.out


def gl_works() -> bool:
    return choose_backend() != NO_GL


@pytest.mark.skipif(not gl_works(), reason="no GL library")
def test_the_video_shows_the_arm_moving(saccade, weights, tmp_path):
    done = saccade("demo", "--weights", weights, "--out", tmp_path, *SHORT)
    if "no GL" in done.out:
        pytest.skip("GL does not work here")
    assert done.code == 0
    pushes = [line for line in done.out.splitlines() if "towards" in line]
    check_files(tmp_path, len(pushes))
    facts = video_facts(tmp_path / "video.mp4")
    assert facts.fps == film.FRAMES_PER_SECOND
    assert facts.width == film.WIDTH + film.PANEL
    frames = [frame.astype(int) for frame in read_video(tmp_path / "video.mp4")]
    still = round(command.END_SECONDS * film.FRAMES_PER_SECOND)
    assert len(frames) > still
    # The arm sweeps through the picture; at the end nothing moves.
    scene = [frame[-film.HEIGHT :, : film.WIDTH] for frame in frames]
    assert max(np.abs(one - scene[0]).max() for one in scene[:-still]) > 60
    assert np.abs(scene[-1] - scene[-still + 2]).mean() < 1


@pytest.mark.skipif(not gl_works(), reason="no GL library")
def test_a_plain_film_shows_the_scene_in_real_time(saccade, weights, tmp_path):
    plain, out = tmp_path / "camera.mkv", tmp_path / "demo"
    done = saccade(
        "demo", "--weights", weights, "--out", out, "--no-video", "--camera-video", plain, *SHORT
    )
    if "no GL" in done.out:
        pytest.skip("GL does not work here")
    assert done.code == 0
    assert done.out.splitlines()[-1].strip() == str(plain)
    assert not (out / "video.mp4").exists()
    facts = video_facts(plain)
    assert (facts.width, facts.height, facts.fps) == (film.WIDTH, film.HEIGHT, film.CAMERA_RATE)
    frames = [frame.astype(int) for frame in read_video(plain)]
    assert max(np.abs(one - frames[0]).max() for one in frames) > 60


def test_a_plain_film_keeps_time():
    """At 4 ms a step, 8.33 steps lie between two frames: after 3 s there are 90, not 93."""
    camera = object.__new__(film.CameraFilm)
    taken = []
    camera._writer = camera  # pyright: ignore[reportAttributeAccessIssue]
    camera.add = taken.append  # pyright: ignore[reportAttributeAccessIssue]
    camera.frame = lambda: camera._steps  # pyright: ignore[reportAttributeAccessIssue]
    camera._steps = camera._frames = 0
    camera._steps_a_frame = 1 / film.CAMERA_RATE / 0.004
    for _ in range(750):
        camera.step()
    assert len(taken) == 90
    assert set(np.diff(taken)) == {8, 9}


def test_a_full_disk_under_the_video_is_one_line(saccade, weights, tmp_path, monkeypatch):
    def refuse(path, frames, fps):
        next(frames)
        raise OSError(28, "No space left on device", str(path))

    if not gl_works():
        pytest.skip("no GL library")
    monkeypatch.setattr(video, "write_video", refuse)
    done = saccade("demo", "--weights", weights, "--out", tmp_path, *SHORT)
    done.mistake("No space left on device", "video.mp4")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--objects", 0], ["objects is 0", "1 to 20"]),
        (["--weights", "nobody"], ["no weights 'nobody'"]),
        (["--object", 3], ["--object", "did you mean --objects"]),
        (["--seed", "x"], ["--seed", "'x'", "INT"]),
        (["--camera-video", "film.gif"], ["film.gif", ".mp4, .mkv, .mov"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, tmp_path, argv, words):
    saccade("demo", "--out", tmp_path / "demo", *argv).mistake(*words)
    assert not (tmp_path / "demo").exists()
