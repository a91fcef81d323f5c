"""`saccade eval push`: the papers' protocol over a set of scenarios; a table and a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from saccade.errors import SaccadeError, UserInputError
from saccade.systems.push.decision import Policy
from saccade.systems.push.evaluate import Evaluation
from saccade.systems.push.named_policies import MaskName, PolicyName, policy_maker
from saccade.systems.push.rollout import Protocol
from saccade.systems.push.showing.replay import Played, choose_pictured, play_scenarios
from saccade.systems.push.showing.results import (
    replace_scenarios,
    result_table,
    results_document,
    write_report_of,
    write_results,
)
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import progress
from saccade.training.provenance import usable_cores
from saccade.training.storage import make_folder
from saccade.verbs.command import STOPPED, Command
from saccade.verbs.spelling import command_line
from saccade.viewing.tables import to_text
from saccade.worlds.push_box import WorldConfig
from saccade.worlds.scenarios import Scenario, check_count, list_scenarios, load_scenario


@dataclass(frozen=True)
class EvalOptions:
    """Evaluate a push policy. Ctrl-C keeps the results of the scenarios that were played.

    Attributes:
        weights: Name of shipped weights, a folder or file of weights, a run, or a Hub repository;
            the shipped weights if not given.
        policy: "learned" has the weights; the others need none and are what it is compared with:
            "random", "edge" (edge mask, then random), "scripted" (edge mask, then the push that
            points best at the box), "privileged" (tries pushes in a copy of the simulator).
        mask: What the learned policy looks through: "own" (what its weights say), "edge" (the
            report's Algorithm 1, starts 20 mm before an edge), "learned" (PushMask) or "none".
        task: "box", or "gather" all objects in a disc of 8 cm radius at the table's centre; then
            "in the box" counts the objects in the disc.
        objects: Objects of each scenario, 1 to 20.
        episodes: Scenarios.
        seed: Of the scenarios and of the policy's chances.
        workers: Processes; the results are the same whatever their number.
        out: Folder for results.json, report.html and scenarios/.
        scenarios: Play all scenario_*.json files of this folder instead of random ones.
        pictured: Scenarios with pictures in the report, failures first.
        protocol: When an episode ends.
        world: The simulated world.
    """

    weights: str = ""
    policy: PolicyName = "learned"
    mask: MaskName = "own"
    task: Literal["box", "gather"] = "box"
    objects: int = 10
    episodes: int = 100
    seed: int = 0
    workers: int = field(default_factory=usable_cores)
    out: Path = Path("out/eval-push")
    scenarios: Path | None = None
    pictured: int = 12
    protocol: Protocol = field(default_factory=Protocol)
    world: Annotated[WorldConfig, tyro.conf.AvoidSubcommands] = field(default_factory=WorldConfig)


def run_eval(options: EvalOptions) -> int:
    """Play, print the table, write the files."""
    evaluation = _evaluation(options)
    make_policy = policy_maker(options.policy, options.weights, options.mask)
    make_folder(options.out)
    played: list[Played] = []
    with GracefulStop() as stop:
        try:
            for one in _play(make_policy, evaluation, options.workers, stop):
                played.append(one)
        finally:
            # Whatever ends the evaluation: what was played counts.
            document = _write_results(played, evaluation, options) if played else {}
        if not played:
            print("stopped before the first scenario was over; nothing was written")
            return STOPPED
        limit = 0 if stop.requested else options.pictured
        played = _illustrated(played, limit, make_policy, evaluation, options.workers, stop)
    print(write_report_of(options.out, document, played, limit))
    if len(played) < evaluation.count:
        print(f"stopped after {len(played)} of {evaluation.count} scenarios")
        return STOPPED
    return 0


def _evaluation(options: EvalOptions) -> Evaluation:
    """What is played, as the options say.

    Raises:
        UserInputError: An option is out of range, or there are no scenarios.
    """
    check_count(options.objects)
    low = {"episodes": 1, "pictured": 0, "workers": 0, "seed": 0}
    for name, least in low.items():
        if getattr(options, name) < least:
            raise UserInputError(f"--{name} is {getattr(options, name)}; expected {least} or more")
    scenarios = _scenarios(options.scenarios) if options.scenarios else ()
    world = options.world
    if options.task == "gather":
        world = replace(world, scene=replace(world.scene, box=None))
    return Evaluation(
        options.objects, options.episodes, options.seed, options.protocol, world, scenarios
    )


def _scenarios(folder: Path) -> tuple[Scenario, ...]:
    files = list_scenarios(folder)
    if not files:
        raise UserInputError(f"no scenario in {folder}; expected files scenario_*.json")
    return tuple(load_scenario(file) for file in files)


def _play(
    make_policy: Callable[[], Policy], evaluation: Evaluation, workers: int, stop: GracefulStop
) -> Iterator[Played]:
    """Every scenario, with the counts so far."""
    boxed = lost = 0
    with progress(total=evaluation.count, description="evaluation") as bar:
        indices = range(evaluation.count)
        outcomes = play_scenarios(make_policy, evaluation, indices, workers, stop=stop.is_requested)
        for number, played in enumerate(outcomes, start=1):
            boxed += played.result.objects_in_box
            lost += played.result.objects_on_ground
            bar.update(1, in_box=boxed / number, on_ground=lost / number)
            yield played


def _illustrated(
    played: list[Played],
    limit: int,
    make_policy: Callable[[], Policy],
    evaluation: Evaluation,
    workers: int,
    stop: GracefulStop,
) -> list[Played]:
    """The same scenarios; those that the report shows are played once more and drawn."""
    chosen = choose_pictured(played, limit)
    if not chosen:
        return played
    played = list(played)
    with progress(total=len(chosen), description="pictures") as bar:
        again = play_scenarios(make_policy, evaluation, chosen, workers, True, stop.is_requested)
        for index, drawn in zip(chosen, again, strict=False):
            if drawn.result != played[index].result:
                raise SaccadeError(
                    f"scenario {index} gave {drawn.result} when it was played again, and "
                    f"{played[index].result} before; expected the same"
                )
            played[index] = drawn
            bar.update()
    return played


def _write_results(
    played: list[Played], evaluation: Evaluation, options: EvalOptions
) -> dict[str, Any]:
    """Print the table; write results.json and the scenarios; returns what results.json holds."""
    command = command_line("saccade eval push", options, EvalOptions())
    title = options.policy if options.policy != "learned" else options.weights or "shipped weights"
    if options.mask != "own":
        title += f", mask {options.mask}"
    document = results_document(played, evaluation, title, command)
    print(to_text(result_table(document)), end="")
    print(write_results(options.out, document))
    if options.scenarios is None:
        print(replace_scenarios(options.out, [one.scenario for one in played]))
    return document


COMMAND = Command(EvalOptions, run_eval, "the papers' protocol: a table, results.json, report.html")
