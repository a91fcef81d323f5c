"""Scenarios played for reports: every step in words, and in pictures where wanted.

Pictures are drawn and encoded where the scenario is played, so that workers send small files and
no arrays. Playing a scenario again gives the same pushes: the pictures may be made afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from saccade.systems.push.decision import Policy
from saccade.systems.push.evaluate import Evaluation, Player, set_up
from saccade.systems.push.pictures.decisions import (
    Rgb,
    describe_outcome,
    describe_push,
    mark_of,
    step_pictures,
)
from saccade.systems.push.rollout import EpisodeResult, Step, play
from saccade.training.workers import Workers, map_episodes
from saccade.viewing import report
from saccade.viewing.images import encode_image
from saccade.worlds.push_box.drop import scenario_seed
from saccade.worlds.scenarios import Scenario


@dataclass(frozen=True)
class Played:
    """A scenario that was played.

    Attributes:
        scenario: Scenario: where the objects lay.
        result: Counts of the papers' tables.
        steps: Every push as the report shows it, without pictures unless they were asked for.
    """

    scenario: Scenario
    result: EpisodeResult
    steps: tuple[report.Step, ...]


def play_scenarios(
    make_policy: Callable[[], Policy],
    evaluation: Evaluation,
    indices: Iterable[int],
    workers: Workers | int = 1,
    pictured: bool = False,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Played]:
    """Play scenarios by their numbers; the outcome does not depend on the number of workers.

    Args:
        make_policy: Function that builds the policy in each worker.
        evaluation: Scenarios and rules that are played.
        indices: Indices of the scenarios that are played.
        workers: Workers, or a number of processes.
        pictured: Whether every step is drawn.
        stop: Callback that is asked between scenarios; once it is true, the series ends early.
    """
    job = partial(_play_scenario, pictured=pictured)
    setup = partial(set_up, evaluation, make_policy)
    return map_episodes(job, indices, workers, setup=setup, stop=stop)


def _play_scenario(player: Player, index: int, pictured: bool) -> Played:
    evaluation = player.evaluation
    scenario, seed = evaluation.scenario(index), scenario_seed(evaluation.seed, index)
    scene = evaluation.world.scene
    steps: list[report.Step] = []

    def note(step: Step) -> None:
        steps.append(report_step(step, step_pictures(step, scene) if pictured else {}))

    result = play(player.world, scenario, player.policy, evaluation.protocol, seed, note)
    return Played(scenario, result, tuple(steps))


def report_step(step: Step, pictures: Mapping[str, Rgb]) -> report.Step:
    """A push as the report shows it, with encoded pictures."""
    images = {name: encode_image(picture) for name, picture in pictures.items()}
    text = f"{describe_push(step.decision.push)}: {describe_outcome(step)}"
    return report.Step(images, text, mark_of(step))


def scenario_report(name: str, played: Played) -> report.ScenarioReport:
    """A played scenario in the report; it failed unless every object is in the box."""
    result = played.result
    summary = {
        "in box": result.objects_in_box,
        "on ground": result.objects_on_ground,
        "on table": result.objects_on_table,
        "actions": result.actions,
    }
    return report.ScenarioReport(name, summary, is_failure(played), played.steps)


def is_failure(played: Played) -> bool:
    """Whether an object did not end in the box."""
    return played.result.objects_in_box < len(played.scenario.objects)


def choose_pictured(played: Sequence[Played], limit: int) -> list[int]:
    """Indices of the scenarios whose pictures the report keeps: failures first."""
    order = sorted(range(len(played)), key=lambda i: not is_failure(played[i]))
    reports = [scenario_report(str(i), played[i]) for i in order]
    return sorted(order[i] for i in report.pictured_scenarios(reports, limit))
