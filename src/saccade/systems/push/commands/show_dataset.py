"""What `saccade show` says of a dataset: counts, some of its pushes as pictures, a video."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from saccade.data.push_episodes import BOXED, GROUNDED, PushDataset, PushEpisode, load_episode
from saccade.systems.push.pictures.dataset_statistics import COLUMNS, changed, count_pushes
from saccade.systems.push.pictures.decisions import draw_choice, draw_heights
from saccade.training.plain import from_plain
from saccade.viewing.images import save_png
from saccade.viewing.montage import draw_caption, side_by_side
from saccade.viewing.tables import Table, to_text
from saccade.viewing.video import write_video
from saccade.wording import counted
from saccade.worlds.push_box.scene import SceneConfig
from saccade.worlds.workspace import Push

Rgb = UInt8[np.ndarray, "_ _ 3"]

MONTAGE_FILE, VIDEO_FILE = "episodes.png", "pushes.mp4"
EPISODES, PUSHES = 5, 6
"""Largest numbers of rows and columns of the montage."""
GAP = 14
VIDEO_EPISODES = 20
FRAMES_PER_SECOND, BEFORE_FRAMES, AFTER_FRAMES = 10, 8, 6


def show(folder: Path, out: Path, video: bool) -> list[Path]:
    """Print the counts of a dataset; write a montage and, if wanted, a video.

    Raises:
        DamagedFileError: The folder or one of its episodes is damaged.
    """
    dataset = PushDataset(folder)
    counts = count_pushes(dataset)
    facts = dataset.facts
    print(f"dataset {folder}: {facts.get('world')}, seed {facts.get('seed')}")
    sources = ", ".join(f"{name} {n}" for name, n in counts.sources.most_common())
    print(to_text(Table(COLUMNS, [counts.cells()], notes=(f"chosen by: {sources or 'nobody'}",))))
    if not counts.pushes:
        return []
    scene = _scene(facts, folder)
    episodes = [load_episode(path) for path in _spread(dataset.paths(), EPISODES)]
    save_png(out / MONTAGE_FILE, _montage([e for e in episodes if len(e)], scene))
    if not video:
        return [out / MONTAGE_FILE]
    filmed = (load_episode(path) for path in _spread(dataset.paths(), VIDEO_EPISODES))
    write_video(out / VIDEO_FILE, _frames(filmed, scene), FRAMES_PER_SECOND)
    return [out / MONTAGE_FILE, out / VIDEO_FILE]


def describe_recorded(episode: PushEpisode, t: int) -> str:
    """How push t was chosen and what came of it."""
    if episode.refused[t]:
        return f"{episode.source[t]}: refused"
    parts = []
    for kind, where in ((BOXED, "into the box"), (GROUNDED, "to the ground")):
        if n := int((episode.left[t] == kind).sum()):
            parts.append(f"{n} {where}")
    came = ", ".join(parts) or ("moved" if changed(episode, t) else "no change")
    return f"{episode.source[t]}: {came}"


def _scene(facts: Mapping[str, Any], folder: Path) -> SceneConfig:
    """The scene that the dataset was recorded in, for where its box stands."""
    scene: Any = facts
    for key in ("config", "world", "scene"):
        scene = scene.get(key, {}) if isinstance(scene, dict) else scene
    return from_plain(SceneConfig, scene, str(folder / "dataset.json"))


def _spread(paths: list[Path], n: int) -> list[Path]:
    """At most n of them, evenly over all."""
    index = np.unique(np.linspace(0, len(paths) - 1, min(n, len(paths))).round().astype(int))
    return [paths[i] for i in index]


def _push(episode: PushEpisode, t: int, scene: SceneConfig) -> Push:
    row, col, direction = (int(v) for v in episode.actions[t])
    return Push(row, col, direction, scene.workspace)


def _montage(episodes: list[PushEpisode], scene: SceneConfig) -> Rgb:
    """A row an episode: its first pushes, and the scene at its end."""
    rows = []
    for episode in episodes:
        shown = range(min(PUSHES - 1, len(episode)))
        tiles = [
            draw_choice(episode.heightmap(t), _push(episode, t, scene), scene, 1) for t in shown
        ]
        texts = [f"{t + 1}. {describe_recorded(episode, t)}" for t in shown]
        tiles.append(draw_heights(episode.heightmap(len(episode)), scene, 1))
        rows.append(
            side_by_side(tiles, [*texts, f"after {counted(len(episode), 'push')}"], font_px=13)
        )
    width = max(row.shape[1] for row in rows)
    padded = [
        np.pad(row, ((0, GAP), (0, width - row.shape[1]), (0, 0)), constant_values=255)
        for row in rows
    ]
    return np.concatenate(padded)


def _frames(episodes: Iterator[PushEpisode], scene: SceneConfig) -> Iterator[Rgb]:
    """Each push for a moment, then what came of it."""
    for number, episode in enumerate(episodes, start=1):
        for t in range(len(episode)):
            push = _push(episode, t, scene)
            text = f"{number}.{t + 1}  {describe_recorded(episode, t)}"
            before = draw_choice(episode.heightmap(t), push, scene)
            after = draw_heights(episode.heightmap(t + 1), scene)
            yield from [draw_caption(before, text, n_lines=1)] * BEFORE_FRAMES
            yield from [draw_caption(after, text, n_lines=1)] * AFTER_FRAMES
