"""`saccade demo`: the main job. A UR5e clears ten random blocks from a table into a box."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from saccade.storage.folders import in_use
from saccade.systems.push.baselines import ScriptedPolicy
from saccade.systems.push.decision import Decision, Policy
from saccade.systems.push.evaluate import Evaluation
from saccade.systems.push.named_policies import policy_maker
from saccade.systems.push.pictures.decisions import describe_outcome, describe_push, step_pictures
from saccade.systems.push.pictures.film import (
    CAMERA_RATE,
    FRAMES_PER_SECOND,
    VIDEO_FILE,
    CameraFilm,
    Film,
)
from saccade.systems.push.pictures.replay import (
    Played,
    play_scenarios,
    report_step,
    scenario_report,
)
from saccade.systems.push.results import (
    measures,
    replace_scenarios,
    write_push_report,
)
from saccade.systems.push.rollout import Protocol, Step, play
from saccade.systems.push.weights import SYSTEM
from saccade.verbs.command import Command
from saccade.verbs.evaluate import REPORT_FILE, results_document, write_results
from saccade.verbs.spelling import command_line
from saccade.viewing import report
from saccade.viewing.images import save_png
from saccade.viewing.montage import side_by_side
from saccade.viewing.tables import Cell, Table, to_text
from saccade.viewing.video import VideoWriter, container_format
from saccade.wording import counted
from saccade.worlds.push_box import PushWorld
from saccade.worlds.push_box.drop import scenario_seed
from saccade.worlds.push_box.outcome import IN_BOX, ON_TABLE
from saccade.worlds.scenarios import check_count
from saccade.worlds.workspace import Push

PICTURES_FOLDER, SCENE_FILE = "pictures", "scene.png"
END_SECONDS = 2.0
"""Time that the video rests on the cleared table [s]."""


@dataclass(frozen=True)
class DemoOptions:
    """Push random blocks into the box, deciding every push from a camera's depth image.

    Attributes:
        objects: Number of blocks, 1 to 20.
        seed: Seed of the blocks and of how they fall.
        weights: Weights as for `saccade eval push`; the shipped weights if not given.
        out: Folder for video.mp4, report.html, results.json, pictures/ and scenarios/.
        video: Film the table (needs GL); without a film it takes seconds.
        camera_video: File of a second film, plain, as a camera on a tripod would: no panels, real
            time, 30 frames a second. Such a video can be given to `saccade run hart`.
        protocol: Rules of the episode: its end, and what is not repeated.
    """

    objects: int = 10
    seed: int = 3
    weights: str = ""
    out: Path = Path("out/demo")
    video: bool = True
    camera_video: Path | None = None
    protocol: Protocol = field(default_factory=Protocol)


def run_demo(options: DemoOptions) -> int:
    """Play one scenario, then the scripted policy on the same one, and show both."""
    check_count(options.objects)
    if options.camera_video is not None:
        container_format(options.camera_video)
    started = time.monotonic()
    policy = policy_maker("learned", options.weights)()
    evaluation = Evaluation(options.objects, 1, options.seed, options.protocol)
    fall = "1 block falls" if options.objects == 1 else f"{options.objects} blocks fall"
    print(f"{fall} onto the table (seed {options.seed}) ...")
    with in_use(options.out):
        ours = _perform(policy, evaluation, options)
        print("the scripted policy on the same blocks, for comparison ...")
        scripted = next(play_scenarios(ScriptedPolicy, evaluation, [0], pictured=True))
        table = _table({"learned": ours, "scripted (edge mask + direction)": scripted}, options)
        print("\n" + to_text(table))
        _write(options, evaluation, ours, scripted, table)
    print(f"{time.monotonic() - started:.0f} s; files:")
    for path in [*sorted(options.out.iterdir()), *_elsewhere(options)]:
        print(f"  {path}")
    return 0


def _elsewhere(options: DemoOptions) -> list[Path]:
    """The plain film, where it does not lie in the folder."""
    film = options.camera_video
    inside = film is not None and film.resolve().parent == options.out.resolve()
    return [film] if film is not None and not inside and film.exists() else []


class Story:
    """What is kept of each push: a line on the terminal, a picture, a step of the report."""

    def __init__(self, world: PushWorld, folder: Path) -> None:
        self._world, self._folder = world, folder
        self.steps: list[report.Step] = []

    def note(self, step: Step) -> None:
        """Take in one push."""
        number, world = len(self.steps) + 1, self._world
        so_far = f"{world.count(IN_BOX)} in the box, {world.count(ON_TABLE)} on the table"
        text = f"{describe_push(step.decision.push)}: {describe_outcome(step)}"
        print(f"{number:3d}  {text}  ({so_far})", flush=True)
        pictures = step_pictures(step, world.config.scene)
        row = side_by_side(list(pictures.values()), list(pictures))
        save_png(self._folder / PICTURES_FOLDER / f"push_{number:02d}.png", row)
        self.steps.append(report_step(step, pictures))


class Filmed:
    """A policy at work before cameras: the films begin when its episode does.

    A film's GL context must be younger than the world's, which a reset replaces: freeing a
    context that is not the current one damages the one that is.

    Args:
        policy: Policy that is at work.
        films: Makers of films, each of which takes the world.
        scene_file: File for the first picture.
    """

    def __init__(
        self, policy: Policy, films: Sequence[Callable[[PushWorld], CameraFilm]], scene_file: Path
    ) -> None:
        self._policy, self._make, self._scene_file = policy, films, scene_file
        self._films: list[CameraFilm] = []

    def reset(self, seed: int, world: PushWorld) -> None:
        """Start an episode, and with it the films."""
        self._policy.reset(seed, world)
        self._films = [make(world) for make in self._make]
        save_png(self._scene_file, self._films[0].picture())

    def decide(self, heightmap: np.ndarray, avoid: Sequence[Push] = ()) -> Decision:
        """The policy's decision."""
        decision = self._policy.decide(heightmap, avoid)
        for film in self._films:
            film.decided(heightmap, decision)
        return decision

    def step(self) -> None:
        """Called after every simulation step."""
        for film in self._films:
            film.step()

    def close(self) -> None:
        """Rest on the last picture for a while; the films are over."""
        for film in self._films:
            film.hold(END_SECONDS)
            film.close()


def _perform(policy: Policy, evaluation: Evaluation, options: DemoOptions) -> Played:
    """Play the scenario, filmed where GL works."""
    world = PushWorld(evaluation.world)
    scenario, seed = evaluation.scenario(0), scenario_seed(evaluation.seed, 0)
    world.reset(scenario, seed)
    story = Story(world, options.out)
    rules = evaluation.protocol
    wanted = options.video or options.camera_video is not None
    if not wanted or not world.sensor.uses_gl:
        if wanted:
            print("no GL, so no video (`saccade doctor` says what is missing); the rest goes on")
        result = play(world, scenario, policy, rules, seed, story.note)
        return Played(scenario, result, tuple(story.steps))
    with ExitStack() as writers:
        films = _films(options, writers)
        filmed = Filmed(policy, films, options.out / PICTURES_FOLDER / SCENE_FILE)
        result = play(world, scenario, filmed, rules, seed, story.note, filmed.step)
        filmed.close()
    return Played(scenario, result, tuple(story.steps))


def _films(options: DemoOptions, writers: ExitStack) -> list[Callable[[PushWorld], CameraFilm]]:
    """What makes each film that was asked for; their files are whole when `writers` is closed."""
    films: list[Callable[[PushWorld], CameraFilm]] = []
    if options.video:
        writer = writers.enter_context(VideoWriter(options.out / VIDEO_FILE, FRAMES_PER_SECOND))
        films.append(partial(Film, writer=writer))
    if options.camera_video is not None:
        writer = writers.enter_context(VideoWriter(options.camera_video, CAMERA_RATE))
        films.append(partial(CameraFilm, writer=writer))
    return films


def _table(played: dict[str, Played], options: DemoOptions) -> Table:
    """The closing table: one scenario, so plain counts."""
    rows: list[list[Cell]] = []
    for name, one in played.items():
        r = one.result
        share = r.objects_in_box / max(1, r.actions)
        rows.append(
            [name, r.objects_in_box, r.objects_on_ground, r.objects_on_table, r.actions, share]
        )
    columns = ("policy", "in box", "on ground", "on table", "pushes", "in box / push")
    caption = f"{counted(options.objects, 'block')}, seed {options.seed}"
    return Table(columns, rows, caption, better={"in box": "high", "in box / push": "high"})


def _write(
    options: DemoOptions, evaluation: Evaluation, ours: Played, scripted: Played, table: Table
) -> None:
    """report.html, results.json and the scenario."""
    command = command_line("saccade demo", options, DemoOptions())
    document = results_document(SYSTEM, command, measures([ours], evaluation, "learned"))
    write_results(options.out, document)
    replace_scenarios(options.out, [ours.scenario])
    scenarios = [scenario_report("learned", ours), scenario_report("scripted", scripted)]
    title = f"Push: {counted(options.objects, 'block')} into a box"
    write_push_report(options.out / REPORT_FILE, title, table, document, scenarios, len(scenarios))


COMMAND = Command(DemoOptions, run_demo)
