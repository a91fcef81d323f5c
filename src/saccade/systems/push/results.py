"""The table and the report of an evaluation, and what results.json holds of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from saccade.systems.push.evaluate import COUNTS, Evaluation, as_rows, summarise
from saccade.systems.push.pictures.replay import Played, scenario_report
from saccade.verbs.evaluate import REPORT_FILE, Results, report_facts
from saccade.viewing.report import ReportLimits, ScenarioReport, write_report
from saccade.viewing.tables import Cell, Table
from saccade.wording import counted
from saccade.worlds.push_box.drop import scenario_seed
from saccade.worlds.scenarios import Scenario, list_scenarios, save_scenarios

SCENARIOS_FOLDER = "scenarios"

COLUMNS = ("policy", "in box", "on ground", "on table", "actions", "in box / action")
BETTER: dict[str, Literal["high", "low"]] = {
    "in box": "high",
    "on ground": "low",
    "on table": "low",
    "in box / action": "high",
}


class MeasureResult(TypedDict):
    """A mean over the scenarios."""

    mean: float
    ci95: tuple[float, float]


class SceneResult(TypedDict):
    """The scene; without a box in the gathering task."""

    box: dict[str, Any] | None


class WorldResult(TypedDict):
    """The world that was played in."""

    scene: SceneResult


class PushResults(Results):
    """What of results.json is read again."""

    policy: str
    objects: int
    episodes: int
    seed: int
    objects_in_box: MeasureResult
    objects_on_ground: MeasureResult
    objects_on_table: MeasureResult
    actions: MeasureResult
    objects_per_action: float
    objects_per_action_ci95: tuple[float, float]
    world: NotRequired[WorldResult]


def results_kind(document: Mapping[str, Any]) -> type:
    """The declaration of a results.json of push."""
    return PushResults


def measures(played: Sequence[Played], evaluation: Evaluation, policy: str) -> dict[str, Any]:
    """What results.json holds of its own: the papers' columns, and every scenario.

    Args:
        played: Scenarios that were played.
        evaluation: Scenarios and rules that were to be played.
        policy: Name of the policy that played.
    """
    results = [one.result for one in played]
    rows = [
        {
            "scenario": i,
            "seed": scenario_seed(evaluation.seed, i),
            "objects": len(t.scenario.objects),
        }
        | row
        for i, (t, row) in enumerate(zip(played, as_rows(results), strict=True))
    ]
    return {
        "policy": policy,
        "objects": evaluation.objects,
        "episodes": len(played),
        "episodes_asked": evaluation.count,
        "seed": evaluation.seed,
        **summarise(results),
        "protocol": asdict(evaluation.protocol),
        "world": asdict(evaluation.world),
        "scenarios": rows,
    }


def result_row(document: dict[str, Any]) -> list[Cell]:
    """A row of `COLUMNS`: means with their 95 % intervals."""
    cells: list[Cell] = [document["policy"]]
    for name in COUNTS:
        low, high = document[name]["ci95"]
        cells.append((document[name]["mean"], low, high))
    low, high = document["objects_per_action_ci95"]
    return [*cells, (document["objects_per_action"], low, high)]


def result_table(*documents: dict[str, Any]) -> Table:
    """Evaluations of the same scenarios, one a row."""
    first = documents[0]
    budget = f"{counted(first['episodes'], 'scenario')} of seed {first['seed']}"
    if "world" in first and first["world"]["scene"]["box"] is None:
        budget += "; no box: the objects in the disc count"
    return Table(
        COLUMNS,
        [result_row(document) for document in documents],
        caption=f"{counted(first['objects'], 'object')}, {budget}",
        notes=("means, with 95 % bootstrap intervals in brackets",),
        better=BETTER if len(documents) > 1 else {},
    )


def write_report_of(
    folder: Path, document: dict[str, Any], played: Sequence[Played], pictured: int
) -> Path:
    """Write report.html of an evaluation."""
    reports = [scenario_report(f"scenario {i}", one) for i, one in enumerate(played)]
    path, title = folder / REPORT_FILE, f"Push: {document['policy']}"
    write_push_report(path, title, result_table(document), document, reports, pictured)
    return path


def replace_scenarios(folder: Path, scenarios: Sequence[Scenario]) -> Path:
    """Write a scenario set to scenarios/ in place of an earlier one there; returns that folder."""
    target = folder / SCENARIOS_FOLDER
    for old in list_scenarios(target):
        old.unlink()
    save_scenarios(scenarios, target)
    return target


def write_push_report(
    path: Path,
    title: str,
    table: Table,
    document: dict[str, Any],
    scenarios: Sequence[ScenarioReport],
    pictured: int,
) -> None:
    """Write a report: the table, then the scenarios step by step, failures first.

    Args:
        path: Path of the HTML file.
        title: Heading of the report.
        table: Table of the results.
        document: Content of results.json: by which rules and where the results came about.
        scenarios: Scenarios that were played.
        pictured: Largest number of scenarios with pictures.
    """
    rules = document["protocol"]
    note = (
        "An episode ends when no object is on the table, after "
        f"{counted(rules['max_actions'], 'push')}, or after {counted(rules['patience'], 'push')} "
        "in a row that changed nothing. A scenario failed if an object did not end in the box."
    )
    limits = ReportLimits(pictured=pictured)
    facts = report_facts(document)
    write_report(path, title, table, scenarios, notes=[note], facts=facts, limits=limits)
