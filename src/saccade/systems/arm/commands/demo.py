"""`saccade demo arm`: a Panda does the tasks, looking through one camera; films and a report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from saccade.checks import check_counts, check_least
from saccade.errors import UserInputError
from saccade.storage.folders import in_use
from saccade.systems.arm.commands.evaluate import weights_of
from saccade.systems.arm.evaluate import Evaluation, Played, play_episodes
from saccade.systems.arm.pictures.film import FILMS, clear_films, film_file
from saccade.systems.arm.results import NOTE, measures, result_table
from saccade.systems.arm.weights import SYSTEM, load
from saccade.verbs.command import Command
from saccade.verbs.evaluate import REPORT_FILE, report_facts, results_document, write_results
from saccade.verbs.lookup import shipped_weights
from saccade.verbs.spelling import command_line
from saccade.viewing.report import ScenarioReport, write_report
from saccade.viewing.tables import to_text
from saccade.worlds.tabletop.tasks import task_named


@dataclass(frozen=True)
class DemoOptions:
    """Do every task for which weights are shipped, and film it.

    Attributes:
        task: Tasks to do; all for which weights are shipped if not given.
        weights: Weights as for `saccade eval arm`, of the one task to do, instead of shipped ones.
        episodes: Episodes of each task.
        seed: Seed of their placements.
        out: Folder for films/, report.html and results.json.
    """

    task: tuple[str, ...] = ()
    weights: str = ""
    episodes: int = 1
    seed: int = 0
    out: Path = Path("out/demo-arm")


def run_demo(options: DemoOptions) -> int:
    """Play, film, and say how it went."""
    check_counts(options, "episodes")
    check_least(options, {"seed": 0}, "--")
    started = time.monotonic()
    command = command_line("saccade demo arm", options, DemoOptions())
    documents, scenarios = [], []
    chosen = _chosen(options)
    with in_use(options.out):
        for task, folder in chosen:
            what = Evaluation(task, options.episodes, options.seed)
            played = list(_performed(what, folder, options.out / FILMS / task))
            measured = measures(played, what, options.weights or "shipped weights")
            documents.append(results_document(SYSTEM, command, measured))
            scenarios += [_reported(task, one) for one in played]
        table = result_table(*documents)
        print("\n" + to_text(table))
        write_report(
            options.out / REPORT_FILE, "Arm: eight tasks, by looking first", table, scenarios,
            notes=[NOTE], facts=report_facts(documents[0]), noun="episode",
        )  # fmt: skip
        print(write_results(options.out, documents[0] | {"tasks": documents}))
    print(options.out / REPORT_FILE)
    print(f"{time.monotonic() - started:.0f} s")
    return 0


def _chosen(options: DemoOptions) -> list[tuple[str, Path]]:
    """The tasks and the folders of their weights.

    Raises:
        UserInputError: There are none, or a task does not exist.
    """
    if options.weights:
        folder = weights_of(options.weights, "")
        return [(task_named(task).name, folder) for task in options.task or (load(folder).task,)]
    shipped = [name.partition("/")[2] for name in shipped_weights() if name.startswith("arm/")]
    tasks = options.task or tuple(shipped)
    if not tasks:
        raise UserInputError("no weights of arm are shipped; expected --weights FOLDER")
    return [(task, weights_of("", task)) for task in tasks]


def _performed(what: Evaluation, folder: Path, films: Path) -> Iterator[Played]:
    """Play a task's episodes, each told as it ends."""
    print(f"{task_named(what.task).says}", flush=True)
    clear_films(films)
    for one in play_episodes(partial(load, folder), what, range(what.episodes), films=films):
        film = film_file(films, one.index, one.result)
        print(f"  {one.result.ending} after {one.result.actions} decisions: {film}", flush=True)
        yield one


def _reported(task: str, played: Played) -> ScenarioReport:
    result = played.result
    summary = {"actions": result.actions, "ended": result.ending}
    name = f"{task.replace('_', ' ')}, episode {played.index}"
    return ScenarioReport(name, summary, not result.success, played.steps)


COMMAND = Command(DemoOptions, run_demo)
