"""The papers' tables and figures from finished rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure

from saccade.data.push_episodes import BOXED, GROUNDED, PushDataset, PushEpisode
from saccade.statistics import paired_difference
from saccade.systems.push.map_samples import map_samples
from saccade.systems.push.paper.making import PLAYED, SCENARIO_SEED, PushTable, played
from saccade.systems.push.paper.rows import (
    BATCH,
    GLIMPSE_BATCH,
    PAPER,
    REPORT_ONE,
    REPORT_TEN,
    Budget,
    Row,
)
from saccade.systems.push.rollout import EpisodeResult
from saccade.systems.push.train_mask import load_curves
from saccade.systems.push.weights import CURVES_FILE, SYSTEM, load_policy
from saccade.verbs.lookup import WEIGHTS
from saccade.verbs.rows import RUN_FOLDER, Making
from saccade.verbs.table import Figures
from saccade.viewing.plots import (
    IntervalRow,
    Series,
    figure_png,
    intervals,
    learning_curves,
    precision_recall,
    q_maps,
)
from saccade.viewing.tables import Cell, Table
from saccade.worlds.push_box import BoxPlacement, PushWorld
from saccade.worlds.push_box.drop import draw_scenario, scenario_seed

COLUMNS = (
    "row", "in box", "on ground", "on table", "actions", "box / action", "published",
    "vs scripted", "pushes seen", "training",
)  # fmt: skip
COUNTS = ("objects_in_box", "objects_on_ground", "objects_on_table", "actions")
BETTER: dict[str, Literal["high", "low"]] = {
    "in box": "high",
    "on ground": "low",
    "on table": "low",
    "box / action": "high",
}


def tables(table: PushTable, rows: Sequence[Row]) -> list[Table]:
    """One table a section, in the order of the rows."""
    sections = list(dict.fromkeys(row.section for row in rows))
    return [_table(table, s, [r for r in rows if r.section == s], rows) for s in sections]


def _table(table: PushTable, section: str, rows: Sequence[Row], everything: Sequence[Row]) -> Table:
    making, budget = table.making(), table.budget
    scripted = {
        (r.objects, r.world): played(making, r) for r in everything if r.policy == "scripted"
    }
    body = [_cells(making, row, scripted.get((row.objects, row.world))) for row in rows]
    notes = [
        f"{budget.scenarios} scenarios of seed {SCENARIO_SEED}; means, 95 % bootstrap intervals;"
        " vs scripted: objects in the box more than the scripted policy, paired by scenario;"
        " baselines and GlimpseQ start 20 mm before an edge, the papers' rows 24 mm",
    ]
    if any(row.published for row in rows):
        notes.append("published: in the box, in the box / action")
    if any(row.config is not None for row in rows):
        notes.append(_budget_note(section, budget))
    used = [i for i, _ in enumerate(COLUMNS) if i == 0 or any(cells[i] != "" for cells in body)]
    return Table(
        [COLUMNS[i] for i in used],
        [[cells[i] for i in used] for cells in body],
        caption=section,
        notes=notes,
        better=BETTER,
    )


def _budget_note(section: str, budget: Budget) -> str:
    if section in (REPORT_ONE, REPORT_TEN):
        samples = budget.offline_samples // 2 + budget.online_samples
        return (
            f"online from scratch: {budget.online_pushes} pushes, {samples} samples of gradient "
            "descent (the report: 11,800 and 22,350 steps)"
        )
    offline, online = budget.offline_samples // BATCH, budget.online_samples // BATCH
    return (
        f"every row: {budget.episodes} recorded episodes, {offline} gradient steps; online rows "
        f"{budget.online_pushes} pushes and {online} steps more; a step takes {BATCH} maps, or "
        f"{GLIMPSE_BATCH} glimpses, which cost less; networks of the cpu preset; the frozen "
        "PushMask is the shipped one"
    )


def _cells(making: Making[Row], row: Row, scripted: list[EpisodeResult] | None) -> list[Cell]:
    summary, facts = _summary(making, row), making.result(row)
    cells: list[Cell] = [row.label]
    cells += [(summary[n]["mean"], *summary[n]["ci95"]) for n in COUNTS]
    cells.append((summary["objects_per_action"], *summary["objects_per_action_ci95"]))
    published = row.published
    cells.append(f"{published[0]:.2f}, {published[4]:.2f}" if published else "")
    cells.append(_difference(played(making, row), scripted))
    if row.evaluate_only:
        return [*cells, "", "same weights"]
    if row.config is None:
        return [*cells, "", ""]
    return [*cells, str(facts["pushes_learned_from"]), f"{facts['training_minutes']:.1f} min"]


def _summary(making: Making[Row], row: Row) -> dict[str, Any]:
    """The papers' columns of a row that was measured."""
    found = making.measured(row, PLAYED)
    assert found is not None
    return found["summary"]


def _difference(ours: list[EpisodeResult], scripted: list[EpisodeResult] | None) -> Cell:
    """Objects in the box more than the scripted policy, paired by scenario."""
    if not scripted or len(ours) != len(scripted):
        return ""
    a = np.array([r.objects_in_box for r in ours], float)
    b = np.array([r.objects_in_box for r in scripted], float)
    return paired_difference(a, b, np.random.default_rng(0))


def figures(table: PushTable, rows: Sequence[Row]) -> Figures:
    """The papers' figures from these rows, by file name: caption and figure."""
    drawn: dict[str, tuple[str, Figure]] = {}
    making = table.making()
    by_key = {row.key: row for row in rows}
    paper = [r for r in rows if r.section == PAPER]
    if paper:
        caption = "Objects in the box of 10: here (dots) and as published (diamonds)"
        dots = [_interval(making, row) for row in paper]
        drawn["table1"] = caption, intervals(dots, "objects in the box")
    for objects in (1, 10):
        pair = [by_key.get(f"report-{objects}-{mask}") for mask in ("edge", "none")]
        found = [row for row in pair if row is not None]
        if found:
            caption = f"Training with {objects} object(s), as the report's Figs. 4 to 6"
            drawn[f"learning-{objects}"] = caption, _curves(making, found)
    discounted = ("hourglass-online-mask", "hourglass-online-mask-04")
    gammas = [by_key[key] for key in discounted if key in by_key]
    if gammas:
        drawn["gamma"] = "Discounts, as the report's Fig. 7", _curves(making, gammas)
    for key in ("densenet-offline", "hourglass-offline-mask"):  # GlimpseQ has no maps
        if key in by_key:
            caption = f"Q maps of {by_key[key].label}, as the paper's Fig. 6"
            drawn[f"q-{key}"] = caption, _q_figure(making, by_key[key])
    curves = WEIGHTS / SYSTEM / CURVES_FILE
    if curves.exists():
        caption = "PushMask on held-out pushes, as the paper's Fig. 5"
        drawn["mask"] = caption, precision_recall(load_curves(curves.parent))
    return {name: (caption, figure_png(figure)) for name, (caption, figure) in drawn.items()}


def _interval(making: Making[Row], row: Row) -> IntervalRow:
    box = _summary(making, row)["objects_in_box"]
    published = row.published[0] if row.published else None
    return IntervalRow(row.label, box["mean"], *box["ci95"], published=published)


def _curves(making: Making[Row], rows: Sequence[Row]) -> Figure:
    """What the pushes that each row made while it learned did, episode by episode."""
    names = ("in the box", "on the ground", "left on the table", "mean reward of a push")
    panels: dict[str, list[Series]] = {name: [] for name in names}
    for row in rows:
        folder = making.folder(row) / RUN_FOLDER / "data"
        stages = sorted(folder.glob("online-*/dataset.json"))
        counts = [_what_happened(e, row) for path in stages for e in PushDataset(path.parent)]
        for name, values in zip(names, np.array(counts, float).reshape(-1, 4).T, strict=True):
            panels[name].append(Series(row.label, values))
    return learning_curves(panels, window=10, x_label="training episode")


def _what_happened(episode: PushEpisode, row: Row) -> tuple[int, int, int, float]:
    """Objects in the box, on the ground and left, and the mean reward, of a training episode."""
    boxed = int((episode.left == BOXED).sum())
    lost = int((episode.left == GROUNDED).sum())
    assert row.config is not None
    target = BoxPlacement().mouth(row.world.scene.workspace)
    rewards = map_samples([episode], target).rewards[row.config.reward]
    mean = float(rewards.mean()) if len(rewards) else 0.0
    return boxed, lost, episode.left.shape[1] - boxed - lost, mean


def _q_figure(making: Making[Row], row: Row) -> Figure:
    """The row's masked Q on the first scenario."""
    policy = load_policy(making.folder(row) / RUN_FOLDER)
    world = PushWorld()
    world.reset(draw_scenario(scenario_seed(SCENARIO_SEED, 0), 10))
    heightmap = world.observe()
    decision = policy.decide(heightmap)
    world.close()
    assert decision.q is not None
    return q_maps(decision.q, heightmap, decision.q != 0, title=row.label)
