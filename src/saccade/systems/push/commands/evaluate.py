"""`saccade eval push`: the papers' protocol over a set of scenarios; a table and a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from saccade.checks import check_least
from saccade.errors import SaccadeError, UserInputError
from saccade.systems.push.evaluate import Evaluation
from saccade.systems.push.named_policies import MaskName, PolicyName, policy_maker
from saccade.systems.push.pictures.replay import Played, choose_pictured, play_scenarios
from saccade.systems.push.results import (
    measures,
    replace_scenarios,
    result_table,
    write_report_of,
)
from saccade.systems.push.rollout import Protocol
from saccade.systems.push.weights import SYSTEM
from saccade.training.progress import progress
from saccade.verbs import evaluate as verb
from saccade.verbs.command import Command
from saccade.verbs.evaluate import Stop
from saccade.verbs.spelling import command_line
from saccade.verbs.workers import WorkerOptions
from saccade.worlds.push_box import WorldConfig
from saccade.worlds.scenarios import Scenario, check_count, list_scenarios, load_scenario


@dataclass(frozen=True)
class EvalOptions(WorkerOptions):
    """Evaluate a push policy. Ctrl-C keeps the results of the scenarios that were played.

    Attributes:
        weights: Name of shipped weights, a folder or file of weights, a run, or a Hub repository;
            the shipped weights if not given.
        policy: Policy that plays: "learned" has the weights; the others need none and are what it
            is compared with: "random", "edge" (edge mask, then random), "scripted" (edge mask, then
            the push that points best at the box), "privileged" (tries pushes in a copy of the
            simulator).
        mask: Mask that the learned policy looks through: "own" (what its weights say), "edge" (the
            report's Algorithm 1, starts 20 mm before an edge), "learned" (PushMask) or "none".
        task: Goal of an episode: "box", or "gather" all objects in a disc of 8 cm radius at the
            table's centre; then "in the box" counts the objects in the disc.
        objects: Number of objects of each scenario, 1 to 20.
        episodes: Number of scenarios, one an episode.
        seed: Seed of the scenarios and of the policy's chances.
        out: Folder for results.json, report.html and scenarios/.
        scenarios: Play all scenario_*.json files of this folder instead of random ones.
        pictured: Scenarios with pictures in the report, failures first.
        protocol: Rules of an episode: its end, and what is not repeated.
        world: Simulated world.
    """

    weights: str = ""
    policy: PolicyName = "learned"
    mask: MaskName = "own"
    task: Literal["box", "gather"] = "box"
    objects: int = 10
    episodes: int = 100
    seed: int = 0
    out: Path = Path("out/eval-push")
    scenarios: Path | None = None
    pictured: int = 12
    protocol: Protocol = field(default_factory=Protocol)
    world: Annotated[WorldConfig, tyro.conf.AvoidSubcommands] = field(default_factory=WorldConfig)


def run_eval(options: EvalOptions) -> int:
    """Play, print the table, write the files."""
    what = _evaluation(options)
    make_policy = policy_maker(options.policy, options.weights, options.mask)
    again = partial(play_scenarios, make_policy, what, workers=options.as_workers())

    def report(document: dict[str, Any], played: Sequence[Played], limit: int, stop: Stop) -> Path:
        if options.scenarios is None:
            print(replace_scenarios(options.out, [one.scenario for one in played]))
        drawn = _illustrated(played, limit, again, stop)
        return write_report_of(options.out, document, drawn, limit)

    return verb.Evaluation(
        system=SYSTEM,
        command=command_line("saccade eval push", options, EvalOptions()),
        out=options.out,
        count=what.count,
        noun="scenario",
        play=lambda stop: again(range(what.count), stop=stop),
        so_far=_so_far,
        measure=lambda played: measures(played, what, _title(options)),
        table=result_table,
        report=report,
    ).run(options.pictured)


def _title(options: EvalOptions) -> str:
    """What the table calls the policy."""
    title = options.policy if options.policy != "learned" else options.weights or "shipped weights"
    return title if options.mask == "own" else f"{title}, mask {options.mask}"


def _so_far(played: Sequence[Played]) -> dict[str, float]:
    boxed = sum(one.result.objects_in_box for one in played)
    lost = sum(one.result.objects_on_ground for one in played)
    return {"in_box": boxed / len(played), "on_ground": lost / len(played)}


def _evaluation(options: EvalOptions) -> Evaluation:
    """What is played, as the options say.

    Raises:
        UserInputError: An option is out of range, or there are no scenarios.
    """
    check_count(options.objects)
    check_least(options, {"episodes": 1, "pictured": 0, "workers": 0, "seed": 0}, "--")
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


def _illustrated(
    played: Sequence[Played], limit: int, again: Callable[..., Iterator[Played]], stop: Stop
) -> list[Played]:
    """The same scenarios; those that the report shows are played once more and drawn."""
    chosen, played = choose_pictured(played, limit), list(played)
    drawings = again(chosen, pictured=True, stop=stop) if chosen else iter(())
    shown = progress(drawings, total=len(chosen), description="pictures") if chosen else ()
    for drawn, index in zip(shown, chosen, strict=False):
        if drawn.result != played[index].result:
            raise SaccadeError(
                f"scenario {index} gave {drawn.result} when it was played again, and "
                f"{played[index].result} before; expected the same"
            )
        played[index] = drawn
    return played


COMMAND = Command(EvalOptions, run_eval)
