"""Every reader of the package, with a small valid file for it: the register of the fuzz tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image

import tiny_arm
import tiny_push
import tiny_rlbench
from fuzz_mutations import (
    Mutation,
    bytes_of,
    json_lines_of,
    json_of,
    lines_of,
    npy_of,
    npz_of,
    png_size_of,
    safetensors_of,
    tfrecord_of,
)
from multi_view_scenes import a_sequence
from saccade.attention.heightmap import check_heightmap
from saccade.data import push_episodes, video
from saccade.data.demonstrations import (
    DemonstrationDataset,
    load_demonstration,
    save_demonstration,
)
from saccade.data.depth_camera import read_array, read_camera, read_colours, read_depth
from saccade.data.inert_pickle import read_pickle
from saccade.data.lerobot import read_lerobot, write_lerobot
from saccade.data.lerobot.layout import EPISODES_FILE
from saccade.data.multi_view.cache import FrameStore
from saccade.data.multi_view.dataset import Format, open_multi_view, write_sequence
from saccade.data.multi_view.decoded import FILE as FRAMES_FILE
from saccade.data.multi_view.decoded import read_decoded, write_decoded
from saccade.data.multi_view.label_table import read_labels
from saccade.data.multi_view.recording import SequenceFolder
from saccade.data.multi_view.tfrecord import read_records
from saccade.data.push_episodes import PushDataset, load_episode, save_episode
from saccade.data.rlbench import read_rlbench, read_rlbench_episode
from saccade.data.tracking import (
    footage,
    formats,
    frames,
    got10k,
    kitti,
    kth,
    mot,
    otb,
    tld,
    uav123,
    vot,
)
from saccade.data.tracking import video as tracked_video
from saccade.networks.conv_stack import ConvStackConfig
from saccade.storage.array_files import read_npy
from saccade.storage.json_files import read_json
from saccade.systems.arm.config import Method
from saccade.systems.arm.learners import make_learner
from saccade.systems.arm.off_policy.pose_space import PoseSpace
from saccade.systems.arm.presets import PRESETS as ARM_PRESETS
from saccade.systems.arm.weights import load as load_arm
from saccade.systems.arm.weights import save_learner
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.commands.show_run import RUN_VIEW as HART_RUN
from saccade.systems.hart.commands.train import TRAINING as HART_TRAINING
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.learning.pool import load_pool
from saccade.systems.hart.model_config import AppearanceConfig, MemoryConfig
from saccade.systems.hart.pictures.together import either_table
from saccade.systems.hart.pictures.together import results_kind as hart_kind
from saccade.systems.hart.weights import load_network, save_tracker
from saccade.systems.push.commands.show_dataset import _scene
from saccade.systems.push.commands.show_run import RUN_VIEW as PUSH_RUN
from saccade.systems.push.commands.train import TRAINING as PUSH_TRAINING
from saccade.systems.push.evaluate import COUNTS
from saccade.systems.push.glimpse_q import GlimpseQ
from saccade.systems.push.model import PushMask
from saccade.systems.push.results import result_table
from saccade.systems.push.results import results_kind as push_kind
from saccade.systems.push.train_mask import load_curves
from saccade.systems.push.weights import CURVES_FILE, load_policy, save_policy
from saccade.training.checkpoint import save_checkpoint
from saccade.training.clock import CLOCK_FILE, Clock, read_clock
from saccade.training.fit import _metrics_lines, _restore
from saccade.training.generators import capture_generators
from saccade.training.metrics import read_metrics
from saccade.training.plain import to_plain
from saccade.training.run import Run
from saccade.verbs.evaluate import read_evaluation
from saccade.verbs.lookup import description
from saccade.verbs.rows import Making, Row, sealed
from saccade.viewing.images import save_png
from saccade.viewing.video import write_video
from saccade.worlds.scenarios import load_scenario, save_scenario
from tracking_fixtures import WRITERS

BYTES = (bytes_of,)
JSON = (json_of, json_of, json_of, bytes_of)
LINES = (lines_of, lines_of, lines_of, bytes_of)


@dataclass(frozen=True)
class Reader:
    """How a kind of file is read.

    Attributes:
        name: What it is called.
        make: Makes a small valid example in an empty folder; returns the file that is damaged.
        read: Reads what the damaged file belongs to, as the package does.
        mutations: Kinds of damage.
        covers: The public functions of `saccade.data` that it calls.
        cost: How many times as long as others it takes.
    """

    name: str
    make: Callable[[Path], Path]
    read: Callable[[Path], Any]
    mutations: tuple[Mutation, ...] = BYTES
    covers: tuple[object, ...] = ()
    cost: int = 1


def written(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# Pushes


def _episode(folder: Path) -> Path:
    rng, path = np.random.default_rng(1), folder / "e.npz"
    left = np.array([[0, 1], [2, 0]], np.int8)
    exits = np.full((2, 2, 2), np.nan, np.float32)
    exits[left > 0] = 0.1
    poses = np.zeros((3, 2, 7), np.float32)
    poses[..., 3] = 1
    maps = push_episodes.pack_maps([tiny_push.block_map(row=40 * i) for i in range(3)])
    actions = rng.integers(0, 16, (2, 3)).astype(np.int16)
    names, source = ["red cube", "blue arch"], ["near", "edge"]
    refused = np.array([False, True])
    save_episode(
        path,
        push_episodes.PushEpisode(maps, actions, refused, poses, left, exits, names, source),
    )
    return path


def _read_episode(path: Path) -> Any:
    episode = load_episode(path)
    return episode, [episode.heightmap(t) for t in range(len(episode))]


def _dataset(folder: Path) -> Path:
    config = to_plain(tiny_push.RECORDING)
    PushDataset.create(folder, {"world": "push_box", "seed": 1, "config": config})
    return folder / "dataset.json"


def _read_dataset(path: Path) -> Any:
    dataset = PushDataset(path.parent)
    return len(dataset), _scene(dataset.facts, path.parent)


# Demonstrations of an arm


def _demonstration(folder: Path) -> Path:
    save_demonstration(folder / "d.npz", tiny_arm.a_demonstration())
    return folder / "d.npz"


def _demonstrations(folder: Path) -> Path:
    DemonstrationDataset.create(folder, {"task": tiny_arm.TASK, "seed": 1, "camera": {}})
    return folder / "dataset.json"


def _read_demonstrations(path: Path) -> Any:
    dataset = DemonstrationDataset(path.parent)
    return len(dataset), list(dataset.successes()), dataset.failures()


def _rlbench(file: str, folder: Path) -> Path:
    return tiny_rlbench.write_episode(folder / "episode0", tiny_arm.a_demonstration()) / file


def _read_rlbench(path: Path) -> Any:
    folder = path.parent if path.suffix == ".pkl" else path.parent.parent
    return read_rlbench_episode(folder, tiny_arm.TASK, every=20)


def _lerobot(file: str, folder: Path) -> Path:
    write_lerobot(folder / "set", [tiny_arm.a_demonstration()], video=file.endswith("mp4"))
    return folder / "set" / file


def _read_lerobot(path: Path) -> Any:
    while path.name != "set":
        path = path.parent
    return list(read_lerobot(path))


def _scenario(folder: Path) -> Path:
    save_scenario(tiny_push.cube_at((-0.5, 0.0), (-0.4, 0.1)), folder / "s.json")
    return folder / "s.json"


CAMERA = {
    "fx": 618.6, "fy": 618.6, "cx": 31.5, "cy": 23.5, "depth_scale": 0.001,
    "T_world_camera": [[-1, 0, 0, -0.5], [0, 0.70710678, -0.70710678, 0.5],
                       [0, -0.70710678, -0.70710678, 1.2], [0, 0, 0, 1]],
    "workspace": {"x_min": -0.724, "y_min": -0.224, "table_height": 0.7},
}  # fmt: skip


def _read_camera(path: Path) -> Any:
    camera = read_camera(path)
    return camera, camera.heightmap(np.full((48, 64), 0.7, np.float32))


def _depth(folder: Path) -> Path:
    cv2.imwrite(str(folder / "d.png"), np.arange(48 * 64, dtype=np.uint16).reshape(48, 64))
    return folder / "d.png"


def _colours(folder: Path) -> Path:
    cv2.imwrite(str(folder / "c.png"), np.arange(48 * 64 * 3).reshape(48, 64, 3).astype(np.uint8))
    return folder / "c.png"


def _read_heightmap(path: Path) -> Any:
    heightmap = read_array(path)
    check_heightmap(heightmap)
    return heightmap


def _npy(folder: Path, array: np.ndarray) -> Path:
    np.save(folder / "a.npy", array)
    return folder / "a.npy"


def _push_weights(folder: Path) -> Path:
    config = tiny_push.tiny_config()
    save_policy(folder, config, PushMask(tiny_push.HOURGLASS), 0.5, GlimpseQ(tiny_push.GLIMPSE))
    return folder / "config.json"


TINY_HART = HartConfig(
    appearance=AppearanceConfig(
        stack=ConvStackConfig(widths=(2,), kernels=(3,), strides=(2,), pools=(False,), norm="none"),
        ventral_maps=2, dorsal_maps=2, hidden=2, matches=2, norm="batch",
    ),
    memory=MemoryConfig(units=3, features=3, mask_features=2, hidden=2),
)  # fmt: skip


def _hart_weights(folder: Path) -> Path:
    save_tracker(folder, TINY_HART, build_tracker(TINY_HART))
    return folder / "config.json"


def _load_push(path: Path) -> Any:
    policy = load_policy(path.parent)
    return policy.config, policy.attention.threshold


def _load_hart(path: Path) -> Any:
    return load_network(path.parent).config


def _arm_weights(method: Method, folder: Path) -> Path:
    config = replace(ARM_PRESETS["smoke"](), method=method)
    space = PoseSpace((0.3, -0.3, 0.0), (0.7, 0.3, 0.4))
    save_learner(folder, config, make_learner(config, space, seed=1), {})
    return folder / "config.json"


def _load_arm(path: Path) -> Any:
    return load_arm(path.parent).task


def _clock(folder: Path) -> Path:
    with Clock(folder) as clock:
        clock.mark("weights")
    return folder / CLOCK_FILE


def _tensors(make: Callable[[Path], Path], folder: Path) -> Path:
    return make(folder).with_name("model.safetensors")


# Several views of one demonstration


def _views(layout: Format, file: str, folder: Path) -> Path:
    write_sequence(folder, a_sequence(), layout)
    return folder / file


def _read_views(path: Path) -> Any:
    dataset = open_multi_view(path.parent)
    return dataset, FrameStore.open(dataset, 16)


def _store(file: str, folder: Path) -> Path:
    write_decoded(folder / "frames", "digest", [a_sequence()], 16, iter)
    return folder / "frames" / file


def _read_store(path: Path) -> Any:
    decoded = read_decoded(path.parent, "digest", [len(a_sequence())], 16)
    return decoded and [np.array(view) for view in decoded.views]


def _recording(folder: Path) -> Path:
    SequenceFolder.start(folder, "videos", {"world": "pouring", "seed": 1})
    return folder / "dataset.json"


def _read_recording(path: Path) -> Any:
    recording = SequenceFolder(path.parent)
    return len(recording), recording.missing(3)


# Training


def _run(file: str, folder: Path) -> Path:
    config = {"system": "push", "config": to_plain(tiny_push.tiny_config())}
    Run.create(folder / "run", config, seed=1)
    return folder / "run" / file


def _read_run(path: Path) -> Any:
    run = Run.open(path.parent)
    return run.seed, PUSH_TRAINING.settings_of(run), description(path.parent)[0].get("system")


def _hart_run(folder: Path) -> Path:
    Run.create(folder / "run", {"system": "hart", "config": to_plain(TINY_HART)}, seed=1)
    return folder / "run" / "config.json"


def _metrics(folder: Path) -> Path:
    stages = ("mask", "offline")
    rows = [{"step": 20 * i, "stage": s, "loss": 0.5, "iou": None} for s in stages for i in (1, 2)]
    return written(folder / "m.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def _read_metrics(path: Path) -> Any:
    records = read_metrics(path)
    for view in (PUSH_RUN, HART_RUN) if records else ():
        view.numbers(records), view.panels(records)
    return records


def _checkpoint(file: str, folder: Path) -> Path:
    network = torch.nn.Linear(2, 2)
    optimiser = torch.optim.AdamW(network.parameters())
    network(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    generators = capture_generators({"batches": np.random.default_rng(1)})
    state = {"step": 3, "optimiser": optimiser.state_dict(), "generators": generators}
    save_checkpoint(folder / "c", network.state_dict(), {"a": 1}, state | {"metrics_lines": 2})
    if file.endswith("state.json"):  # a checksum would hide what is behind it
        structure = json.loads((folder / "c" / file).read_bytes())
        written(folder / "c" / file, json.dumps({"$dict": structure["$dict"]}))
    return folder / "c" / file


def _read_checkpoint(path: Path) -> Any:
    folder = path.parent.parent if path.parent.name == "training_state" else path.parent
    network = torch.nn.Linear(2, 2)
    optimiser = torch.optim.AdamW(network.parameters())
    rng = np.random.default_rng(2)
    return _metrics_lines(folder), _restore(folder, network, rng, {"optimiser": optimiser})


def _curves(folder: Path) -> Path:
    curve = {"precision": [0.5, 1.0], "recall": [1.0, 0.5], "threshold": [0.1, 0.9]}
    return written(folder / CURVES_FILE, json.dumps({"pushes": 2, "curves": {"a": curve}}))


def _pool(file: str, folder: Path) -> Path:
    np.save(folder / "frames.npy", np.zeros((2, 3, 3, 8, 9), np.uint8))
    np.save(folder / "boxes.npy", np.ones((2, 3, 4), np.float32))
    np.save(folder / "seen.npy", np.ones((2, 3), np.float32))
    return folder / file


def _read_pool(path: Path) -> Any:
    pool = load_pool(path.parent)
    return np.array(pool.frames), pool.boxes, pool.seen


# Results

INTERVAL = {"mean": 1.5, "ci95": [1.0, 2.0]}
PUSH_RESULTS = {
    "system": "push", "command": "saccade eval push", "policy": "edge", "objects": 3, "episodes": 2,
    "seed": 1, **dict.fromkeys(COUNTS, INTERVAL),
    "objects_per_action": 0.4, "objects_per_action_ci95": [0.3, 0.5],
    "world": {"scene": {"box": None}},
}  # fmt: skip
_PAIR = {"without_first": 0.5, "with_first": 0.6}
_PAIR_CI = {"without_first": [0.4, 0.6], "with_first": [0.5, 0.7]}
HART_RESULTS = {
    "system": "hart", "command": "saccade eval hart", "tracker": "hart", "n": 2, "workers": 2,
    "source": {"format": "synthetic", "seed": 1, "split": "test", "frames": 4, "height": 48,
               "width": 64},
    "mean": {"iou_60": _PAIR, "auc": 0.5, "precision_20": None, "fps": 99.5},
    "ci95": {"iou_60": _PAIR_CI, "auc": [0.4, 0.6], "precision_20": None},
    "lost": {"wrong": 0.1, "recall": None, "precision": 0.7},
}  # fmt: skip


TOGETHER_RESULTS = {
    "system": "hart", "command": "saccade eval hart --together", "tracker": "hart", "n": 2,
    "together": True, "source": {"format": ["mot", "kitti"], "data": ["a", "b"], "frames": None},
    "videos": [
        {"name": "v", "objects": 2, "frames": 9, "iou": 0.5, "identity_switches": 1},
        {"name": "w", "objects": 1, "frames": 3, "iou": None, "identity_switches": 0},
    ],
    "mean": {"iou": 0.5, "identity_switches": 1},
    "left_out": [{"name": "x", "reason": "it has no boxes"}],
}  # fmt: skip


def _results(document: dict[str, Any], folder: Path) -> Path:
    return written(folder / "results.json", json.dumps(document))


ROW = Row("still", "stands still")


def _making(out: Path) -> Making[Row]:
    return Making(
        system="hart", out=out, seed=1, run=lambda row: None, train=None,
        sources=lambda row: {"kitti": {"frames": 4}}, measure=lambda row, name: {"iou": 0.5},
        facts=lambda row: {},
    )  # fmt: skip


def _row(folder: Path) -> Path:
    making = _making(folder)
    measured = {"kitti": {"made_of": making.made_of(ROW, "kitti"), "iou": 0.5}}
    document = {"system": "hart", "key": ROW.key, "label": ROW.label, "seed": 1}
    path = making.folder(ROW) / "result.json"
    return written(path, json.dumps(sealed(document | {"measured": measured})))


def _read_row(path: Path) -> Any:
    making = _making(path.parent.parent.parent)
    return making.result(ROW), making.kept(ROW), making.shows(ROW, [ROW])


# Pictures, videos, annotations


def _picture(ending: str, folder: Path) -> Path:
    pixels = np.random.default_rng(1).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    if ending == "png":
        save_png(folder / "p.png", pixels)
    else:
        Image.fromarray(pixels).save(folder / f"p.{ending}")
    return folder / f"p.{ending}"


def _read_picture(path: Path) -> Any:
    return frames.read_image_size(path), frames.read_image(path)


def _video(ending: str, folder: Path) -> Path:
    rng = np.random.default_rng(1)
    pictures = [rng.integers(0, 256, (32, 48, 3)).astype(np.uint8) for _ in range(4)]
    write_video(folder / f"v.{ending}", iter(pictures), 10)
    return folder / f"v.{ending}"


def _read_video(path: Path) -> Any:
    found = footage.open_footage(path)
    return found.fps, video.count_packets(path), tracked_video.read_video(path).frame(0)


def _annotation(form: str, file: str, folder: Path) -> Path:
    fixture = WRITERS[form](folder)
    return fixture.annotation.parent / file if file else fixture.annotation


def _root(path: Path) -> Path:
    while path.parent.name != "case":
        path = path.parent
    return path.parent


def _read_tracks(form: str, path: Path) -> Any:
    return formats.read_sequences(form, _root(path))


_READ = {
    "otb": (otb.read_otb,),
    "vot": (vot.read_vot,),
    "got10k": (got10k.read_got10k,),
    "tld": (tld.read_tld,),
    "mot": (mot.read_mot, mot.read_mot_videos),
    "kitti": (kitti.read_kitti, kitti.read_kitti_videos),
    "kth": (kth.read_kth,),
    "uav123": (uav123.read_uav123,),
}
"""The public readers behind `formats.read_sequences`."""


def _tracks(form: str, file: str = "") -> Reader:
    covers = (*_READ[form], formats.read_sequences)
    name = f"{form} {file}".strip()
    make, read = partial(_annotation, form, file), partial(_read_tracks, form)
    return Reader(name, make, read, LINES, covers)


VIDEO_COVERS = (
    video.read_video, video.count_frames, video.count_packets, video.video_facts,
    tracked_video.read_video, tracked_video.VideoFrames, footage.open_footage,
)  # fmt: skip

READERS = [
    Reader("json", lambda f: written(f / "a.json", '{"a": [1, "x"]}'), read_json, JSON),
    Reader("npy", lambda f: _npy(f, np.ones((3, 4))), lambda p: read_npy(p).shape,
           (npy_of, bytes_of)),
    Reader("episode", _episode, _read_episode, (npz_of, npz_of, bytes_of), (load_episode,)),
    Reader("dataset", _dataset, _read_dataset, JSON, (PushDataset,)),
    Reader("view records", partial(_views, "records", "pour_0.tfrecord"), _read_views,
           (tfrecord_of, tfrecord_of, bytes_of), (open_multi_view, read_records), 3),
    Reader("labelled views", partial(_views, "labelled", "pour_0.tfrecord"), _read_views,
           (tfrecord_of, tfrecord_of, bytes_of), cost=3),
    Reader("view video", partial(_views, "videos", "pour_0_view1.mp4"), _read_views, BYTES, cost=5),
    Reader("view labels", partial(_views, "videos", "pour_0_labels.csv"), _read_views, LINES,
           (read_labels,), 3),
    *(Reader(f"kept {file}", partial(_store, file), _read_store, mutations, (read_decoded,))
      for file, mutations in ((FRAMES_FILE, JSON), ("view0.npy", (npy_of, bytes_of)))),
    Reader("recording of views", _recording, _read_recording, JSON, (SequenceFolder,)),
    Reader("demonstration", _demonstration, load_demonstration, (npz_of, npz_of, bytes_of),
           (load_demonstration,), 3),
    Reader("rlbench pickle", partial(_rlbench, "low_dim_obs.pkl"), _read_rlbench, BYTES,
           (read_rlbench, read_rlbench_episode, read_pickle), 20),
    Reader("rlbench depth", partial(_rlbench, "front_depth/20.png"), _read_rlbench,
           (bytes_of, png_size_of), cost=20),
    Reader("lerobot info", partial(_lerobot, "meta/info.json"), _read_lerobot, JSON,
           (read_lerobot,), 3),
    *(Reader(f"lerobot {name}", partial(_lerobot, file), _read_lerobot, BYTES, cost=5)
      for name, file in (
          ("episodes", EPISODES_FILE), ("rows", "data/chunk-000/file-000.parquet"),
          ("video", "videos/observation.images.front/chunk-000/file-000.mp4"))),
    Reader("demonstrations", _demonstrations, _read_demonstrations, JSON, (DemonstrationDataset,)),
    Reader("scenario", _scenario, load_scenario, JSON),
    Reader("camera", lambda f: written(f / "c.json", json.dumps(CAMERA)), _read_camera, JSON,
           (read_camera,)),
    Reader("depth png", _depth, lambda p: read_depth(p, 0.001), (bytes_of, png_size_of),
           (read_depth, read_array), 2),
    Reader("colour png", _colours, read_colours, (bytes_of, png_size_of), (read_colours,), 2),
    Reader("heightmap", lambda f: _npy(f, tiny_push.block_map()), _read_heightmap,
           (npy_of, bytes_of)),
    Reader("push config", _push_weights, _load_push, JSON, cost=3),
    Reader("hart config", _hart_weights, _load_hart, JSON, cost=2),
    *(Reader(f"arm config of {method}", partial(_arm_weights, method), _load_arm, JSON, cost=5)
      for method in ("q-attention", "sac-ae")),
    Reader("arm tensors", partial(_tensors, partial(_arm_weights, "td3")), _load_arm,
           (safetensors_of, bytes_of), cost=2),
    Reader("clock", _clock, lambda p: read_clock(p.parent), JSON),
    Reader("push tensors", partial(_tensors, _push_weights), _load_push,
           (safetensors_of, bytes_of)),
    Reader("hart tensors", partial(_tensors, _hart_weights), _load_hart,
           (safetensors_of, bytes_of)),
    Reader("run config", partial(_run, "config.json"), _read_run, JSON, cost=2),
    Reader("run facts", partial(_run, "run.json"), _read_run, JSON, cost=2),
    Reader("hart run", _hart_run, lambda p: HART_TRAINING.settings_of(Run.open(p.parent)), JSON,
           cost=2),
    Reader("metrics", _metrics, _read_metrics, (json_lines_of, json_lines_of, bytes_of)),
    Reader("checkpoint config", partial(_checkpoint, "config.json"), _read_checkpoint, JSON),
    Reader("checkpoint state", partial(_checkpoint, "training_state/state.json"),
           _read_checkpoint, JSON),
    Reader("checkpoint tensors", partial(_checkpoint, "training_state/tensors.safetensors"),
           _read_checkpoint, (safetensors_of, bytes_of)),
    Reader("mask curves", _curves, lambda p: load_curves(p.parent), JSON),
    *(Reader(f"pool {name}", partial(_pool, f"{name}.npy"), _read_pool, (npy_of, bytes_of))
      for name in ("frames", "boxes", "seen")),
    Reader("push results", partial(_results, PUSH_RESULTS),
           lambda p: read_evaluation(p, "push", result_table, push_kind), JSON),
    Reader("hart results", partial(_results, HART_RESULTS),
           lambda p: read_evaluation(p, "hart", either_table, hart_kind), JSON),
    Reader("together results", partial(_results, TOGETHER_RESULTS),
           lambda p: read_evaluation(p, "hart", either_table, hart_kind), JSON),
    Reader("row", _row, _read_row, JSON),
    *(Reader(f"picture {form}", partial(_picture, form), _read_picture,
             (bytes_of, png_size_of) if form == "png" else BYTES,
             (frames.read_image, frames.read_image_size))
      for form in ("png", "jpg", "bmp")),
    *(Reader(f"video {form}", partial(_video, form), _read_video, BYTES, VIDEO_COVERS, 3)
      for form in ("mp4",)),
    *(_tracks(form) for form in formats.FORMATS),
    _tracks("mot", "../seqinfo.ini"),
    _tracks("got10k", "absence.label"),
]  # fmt: skip
