"""`saccade eval arm`: unseen placements of a task; a table and a report with films."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from saccade.checks import check_choice, check_least
from saccade.errors import SaccadeError, UserInputError
from saccade.systems.arm.evaluate import (
    DISTURBANCES,
    UNDISTURBED,
    Evaluation,
    Played,
    play_episodes,
)
from saccade.systems.arm.pictures.film import FILMS, clear_films
from saccade.systems.arm.results import (
    choose_pictured,
    measures,
    result_table,
    write_report_of,
)
from saccade.systems.arm.weights import SYSTEM, load
from saccade.training.progress import progress
from saccade.verbs import evaluate as verb
from saccade.verbs.command import Command
from saccade.verbs.evaluate import Stop
from saccade.verbs.lookup import shipped_weights, weights_folder
from saccade.verbs.spelling import command_line
from saccade.verbs.workers import WorkerOptions
from saccade.worlds.tabletop.tasks import TASKS, task_named


@dataclass(frozen=True)
class EvalOptions(WorkerOptions):
    """Evaluate a policy. Ctrl-C keeps the results of the episodes that were played.

    Attributes:
        task: Task to play; that of the weights if not given.
        weights: Name of shipped weights ("arm/TASK"), a folder or file of weights, a run, or a Hub
            repository; the shipped weights of the task if not given.
        episodes: Number of episodes.
        seed: Seed of their placements.
        disturbed: What differs from how the task was learned: "none", "camera" (moved by 5 cm and
            turned by 5 degrees, its matrix known), "look" (light and colours), "distractors" (two
            unseen objects) or "depth_noise" (5 mm).
        attach: Attach what is grasped to the hand, instead of holding it by friction.
        out: Folder for results.json, report.html and films/.
        pictured: Episodes with pictures and films: failures first, but successes, too.
    """

    task: str = ""
    weights: str = ""
    episodes: int = 100
    seed: int = 0
    disturbed: str = UNDISTURBED
    attach: bool = False
    out: Path = Path("out/eval-arm")
    pictured: int = 8


def run_eval(options: EvalOptions) -> int:
    """Play, print the table, write the files."""
    check_least(options, {"episodes": 1, "pictured": 0, "workers": 0, "seed": 0}, "--")
    check_choice("--disturbed", options.disturbed, DISTURBANCES)
    folder = weights_of(options.weights, options.task)
    task = task_named(options.task or load(folder).task).name
    what = Evaluation(task, options.episodes, options.seed, options.disturbed, options.attach)
    again = partial(play_episodes, partial(load, folder), what, workers=options.as_workers())

    def report(document: dict[str, Any], played: Sequence[Played], limit: int, stop: Stop) -> Path:
        films = options.out / FILMS
        clear_films(films)
        drawn = _illustrated(played, limit, partial(again, films=films), stop)
        if films.exists():
            print(films)
        return write_report_of(options.out, document, drawn, limit)

    return verb.Evaluation(
        system=SYSTEM,
        command=command_line("saccade eval arm", options, EvalOptions()),
        out=options.out,
        count=what.episodes,
        noun="episode",
        play=lambda stop: again(range(what.episodes), stop=stop),
        so_far=_so_far,
        measure=lambda played: measures(played, what, options.weights or "shipped weights"),
        table=result_table,
        report=report,
    ).run(options.pictured)


def weights_of(weights: str, task: str) -> Path:
    """Folder of named weights, or of the shipped weights of a task.

    Raises:
        UserInputError: Nothing of that name exists, or neither was given.
    """
    if weights:
        return weights_folder(weights, SYSTEM)
    shipped = [name for name in shipped_weights() if name.startswith(f"{SYSTEM}/")]
    if not task:
        raise UserInputError(
            "neither --task nor --weights was given; expected a task (valid: "
            f"{', '.join(TASKS)}), or weights (shipped: {', '.join(shipped) or 'none'})"
        )
    name = f"{SYSTEM}/{task_named(task).name}"
    if name not in shipped:
        raise UserInputError(
            f"no weights of '{task}' are shipped (shipped: {', '.join(shipped) or 'none'}); "
            f"expected --weights: train some with saccade train arm --task {task}"
        )
    return weights_folder(name, SYSTEM)


def _so_far(played: Sequence[Played]) -> dict[str, float]:
    return {"success": sum(one.result.success for one in played) / len(played)}


def _illustrated(
    played: Sequence[Played], limit: int, again: Callable[..., Iterator[Played]], stop: Stop
) -> list[Played]:
    """The same episodes; those that the report shows are played once more, drawn and filmed."""
    chosen, played = choose_pictured(played, limit), list(played)
    drawings = again([played[i].index for i in chosen], stop=stop) if chosen else iter(())
    shown = progress(drawings, total=len(chosen), description="pictures") if chosen else ()
    for drawn, place in zip(shown, chosen, strict=False):
        if replace(drawn, steps=()) != replace(played[place], steps=()):
            raise SaccadeError(
                f"episode {drawn.index} gave {drawn.result} when it was played again, and "
                f"{played[place].result} before; expected the same"
            )
        played[place] = drawn
    return played


COMMAND = Command(EvalOptions, run_eval)
