"""The table and the report of an evaluation, and what results.json holds of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from saccade.systems.arm.episodes import CAUSES
from saccade.systems.arm.evaluate import UNDISTURBED, Evaluation, Played, summarise
from saccade.systems.arm.pictures.film import FILMS
from saccade.systems.arm.record import evaluation_seed
from saccade.verbs.evaluate import REPORT_FILE, report_facts
from saccade.viewing.report import (
    ReportLimits,
    ScenarioReport,
    pictured_scenarios,
    write_report,
)
from saccade.viewing.tables import Cell, Table
from saccade.wording import counted

COLUMNS = (
    "task", "policy", "success", "return", "actions", *(c.replace("_", " ") for c in CAUSES)
)  # fmt: skip
NOTE = (
    "An episode ends when the task is done, when a pose is out of reach, or after ten actions. "
    "Attention is off target where the attended point is more than 8 cm from all that the "
    "scripted expert would go to; a grasp is lost where what was held slips out of closed fingers."
)

FILMED = f"The films of the episodes with pictures lie in {FILMS}/."


def measures(played: Sequence[Played], evaluation: Evaluation, policy: str) -> dict[str, Any]:
    """What results.json holds of its own: the summary, and every episode.

    Args:
        played: Episodes that were played.
        evaluation: What was to be played.
        policy: Name of the policy that played.
    """
    rows = [
        {"episode": one.index, "seed": evaluation_seed(evaluation.seed, one.index)}
        | asdict(one.result)
        for one in played
    ]
    return {
        "policy": policy,
        **asdict(evaluation),
        "episodes": len(played),
        "episodes_asked": evaluation.episodes,
        **summarise([one.result for one in played]),
        "played": rows,
    }


def result_row(document: dict[str, Any]) -> list[Cell]:
    """A row of `COLUMNS`: means with their 95 % intervals, failures by cause."""
    task = document["task"].replace("_", " ")
    if document["disturbed"] != UNDISTURBED:
        task += f", other {document['disturbed'].replace('_', ' ')}"
    means: list[Cell] = []
    for name in ("success", "return", "actions"):
        low, high = document[name]["ci95"]
        means.append((document[name]["mean"], low, high))
    return [task, document["policy"], *means, *(document["failures"][c] for c in CAUSES)]


def result_table(*documents: dict[str, Any]) -> Table:
    """Evaluations, one a row."""
    first = documents[0]
    attached = "; what is grasped is attached to the hand" if first["attach"] else ""
    return Table(
        COLUMNS,
        [result_row(document) for document in documents],
        caption=f"{counted(first['episodes'], 'episode')} of seed {first['seed']}{attached}",
        notes=(
            "means with 95 % intervals in brackets (success: Wilson's, others: bootstrap); "
            "failures by cause",
        ),
    )


def episode_report(played: Played) -> ScenarioReport:
    """A played episode in the report."""
    result = played.result
    summary = {"actions": result.actions, "ended": result.ending}
    return ScenarioReport(f"episode {played.index}", summary, not result.success, played.steps)


def choose_pictured(played: Sequence[Played], limit: int) -> list[int]:
    """Places of the episodes whose pictures the report keeps: failures first."""
    order = sorted(range(len(played)), key=lambda i: played[i].result.success)
    chosen = pictured_scenarios([episode_report(played[i]) for i in order], limit)
    return sorted(order[i] for i in chosen)


def write_report_of(
    folder: Path, document: dict[str, Any], played: Sequence[Played], pictured: int
) -> Path:
    """Write report.html of an evaluation."""
    path = folder / REPORT_FILE
    filmed = any(step.images for one in played for step in one.steps)
    title = f"Arm: {document['task'].replace('_', ' ')}"
    write_report(
        path, title, result_table(document), [episode_report(one) for one in played],
        notes=[NOTE, FILMED] if filmed else [NOTE], facts=report_facts(document),
        limits=ReportLimits(pictured=pictured), noun="episode",
    )  # fmt: skip
    return path
