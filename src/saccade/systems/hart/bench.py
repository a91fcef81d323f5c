"""How fast the tracker is on this machine: following, learning, generating clips.

OpenCV's trackers are timed in the same run on the same video, so that ratios hold where frames a
second do not.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch

from saccade.data.tracking.frames import ArrayFrames
from saccade.data.tracking.sequence import TrackingSequence
from saccade.data.tracking.synthetic import SyntheticConfig, generate_clip
from saccade.data.tracking.synthetic.sequences import SyntheticSequences
from saccade.errors import UserInputError
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.evaluate import follow
from saccade.systems.hart.evaluation.baselines import OPENCV_TRACKERS, FrameTracker, make_baseline
from saccade.systems.hart.learning.clips import draw_batch
from saccade.systems.hart.learning.learner import Learner
from saccade.systems.hart.learning.pool import Pool
from saccade.systems.hart.mohart.tracker import MultiTracker
from saccade.systems.hart.tracker import VideoTracker
from saccade.systems.hart.weights import load_network
from saccade.verbs.bench import Measure, Plan, on_cores

SEED = 5
SMALL, HD = (320, 240), (1920, 1080)
SMALL_FRAMES, HD_FRAMES = 60, 12
OBJECTS = 8
TRAINING_CLIPS = 4
"""Clips that batches are drawn from: what they show does not change what a step costs."""


def benchmark(plan: Plan) -> list[Measure]:
    """Time everything in a process that owns one core."""
    return on_cores(1, one_core, plan)


def one_core(plan: Plan) -> list[Measure]:
    """All that one core does."""
    small = video(SMALL, SMALL_FRAMES)
    return [
        *following(small, plan),
        *peers(small, plan),
        *many_objects(small, plan),
        *training(plan),
        generation(plan),
    ]


def video(size: tuple[int, int], frames: int) -> TrackingSequence:
    """A generated clip, enlarged to (width, height), whose object is in sight throughout."""
    width, height = size
    settings = SyntheticConfig(
        height=SMALL[1], width=SMALL[0], frames=frames, split="test", leave_probability=0.0,
        occluder_probability=0.0,
    )  # fmt: skip
    clip = SyntheticSequences(SEED, 1, settings)[0]
    if size == SMALL:
        return clip
    images = np.stack([cv2.resize(clip.frame(t), size) for t in range(frames)])
    scale = np.array([width / SMALL[0], height / SMALL[1]] * 2, np.float32)
    return TrackingSequence(clip.name, ArrayFrames(images), clip.boxes * scale)


def following(small: TrackingSequence, plan: Plan) -> list[Measure]:
    """One object, in small and in large frames."""
    tracker = VideoTracker(load_network(plan.weights))
    rates = frame_rates(tracker, small, plan)
    measured = [Measure("update", "tracker, 320 x 240", "/s", rates, 1, 60.0, 200.0)]
    rates = frame_rates(tracker, video(HD, HD_FRAMES), plan)
    return [*measured, Measure("update_hd", "tracker, 1920 x 1080", "/s", rates)]


def peers(small: TrackingSequence, plan: Plan) -> list[Measure]:
    """The trackers of the installed OpenCV on the same video."""
    measured = []
    for name in OPENCV_TRACKERS:
        try:
            peer = make_baseline(name)
        except UserInputError:  # not in this OpenCV
            continue
        rates = frame_rates(peer, small, plan)
        what = f"OpenCV's {name}, 320 x 240"
        measured.append(Measure(f"update_{name}", what, "/s", rates, peer_of="update"))
    return measured


def frame_rates(tracker: FrameTracker, sequence: TrackingSequence, plan: Plan) -> tuple[float, ...]:
    """Frames a second, once a repetition: starting and reading frames do not count."""
    follow(tracker, sequence)
    rates = []
    for _ in range(plan.repeats):
        frames, seconds = 0, 0.0
        while seconds < plan.seconds or not frames:
            done = follow(tracker, sequence)
            frames, seconds = frames + done.frames, seconds + done.seconds
        rates.append(frames / seconds)
    return tuple(rates)


def many_objects(small: TrackingSequence, plan: Plan) -> list[Measure]:
    """Several objects in the same frames, followed at once."""
    tracker = MultiTracker(load_network(plan.weights))
    boxes = np.repeat(small.boxes[:1], OBJECTS, axis=0)
    tracker.init(small.frame(0), boxes.tolist())
    step = _stepping(tracker, small)
    rates = tuple(1 / t for t in plan.times(step))
    return [Measure("update_objects", f"{OBJECTS} objects at once, 320 x 240", "/s", rates)]


def _stepping(tracker: MultiTracker, small: TrackingSequence) -> Callable[[], None]:
    """One frame after the other, forwards and backwards, so that nothing jumps."""
    order = [*range(1, len(small)), *range(len(small) - 2, -1, -1)]
    frames = [small.frame(t) for t in range(len(small))]
    count = 0

    def step() -> None:
        nonlocal count
        tracker.update(frames[order[count % len(order)]])
        count += 1

    return step


def training(plan: Plan) -> list[Measure]:
    """A gradient step of the weights' own settings, at first and in the end."""
    config = load_network(plan.weights).config
    measured = []
    for key, length in (("step_first", config.fit.length), ("step_last", config.fit.length_end)):
        step = training_step(config, length)
        frames = config.fit.batch * length
        values = tuple(1000 * t / frames for t in plan.brief.times(step))
        what = f"training step, a frame (batch {config.fit.batch}, T = {length})"
        measured.append(Measure(key, what, "ms", values))
    return measured


def training_step(config: HartConfig, length: int) -> Callable[[], None]:
    """Draw a batch, forward, backward, update: without forced windows, as most steps are."""
    torch.manual_seed(SEED)
    learner = Learner(config)
    learnt = [p for p in learner.parameters() if p.requires_grad]
    optimiser = torch.optim.Adam(learnt, 1e-4)
    pool, rng = noise_pool(config, length), np.random.default_rng(SEED)

    def step() -> None:
        batch = draw_batch(pool, config.fit.batch, length, rng)
        objective, _ = learner(batch, config.fit.forced_steps, rng)
        optimiser.zero_grad()
        objective.total.backward()
        optimiser.step()

    return step


def noise_pool(config: HartConfig, length: int) -> Pool:
    """Clips of the configuration's size that show nothing."""
    data, rng = config.data, np.random.default_rng(SEED)
    shape = (TRAINING_CLIPS, length, 3, data.height, data.width)
    box = [data.width / 4, data.height / 4, data.width / 4, data.height / 4]
    boxes = np.broadcast_to(np.array(box, np.float32), (*shape[:2], 4)).copy()
    return Pool(rng.integers(0, 256, shape, np.uint8), boxes, np.ones(shape[:2], np.float32))


def generation(plan: Plan) -> Measure:
    """Clips of the size that the weights' settings learn from; photographs are read before."""
    settings = load_network(plan.weights).config.scene
    drawn = iter(range(1_000_000))

    def make() -> None:
        generate_clip(SEED, next(drawn), settings)

    seconds = plan.times(make)
    what = f"generated clips, {settings.width} x {settings.height}: frames"
    return Measure("generate", what, "/s", tuple(settings.frames / t for t in seconds))
