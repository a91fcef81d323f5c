"""The papers' tables and figures from finished rows: text, Markdown, JSON and one HTML page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.figure import Figure

from saccade.data.push_episodes import BOXED, GROUNDED, PushDataset, PushEpisode
from saccade.statistics import paired_difference
from saccade.systems.push.map_samples import map_samples
from saccade.systems.push.rollout import EpisodeResult
from saccade.systems.push.tables.rows import (
    BATCH,
    GLIMPSE_BATCH,
    PAPER,
    REPORT_ONE,
    REPORT_TEN,
    Budget,
    Row,
)
from saccade.systems.push.tables.run import SCENARIO_SEED, load_facts, load_results, row_folder
from saccade.systems.push.train_mask import CURVES_FILE, load_curves
from saccade.systems.push.weights import RUN_WEIGHTS, find, load_policy
from saccade.training.provenance import describe_surroundings
from saccade.viewing.evaluation import report_facts
from saccade.viewing.images import save_png, write_whole
from saccade.viewing.plots import (
    IntervalRow,
    Series,
    figure_png,
    intervals,
    learning_curves,
    precision_recall,
    q_maps,
)
from saccade.viewing.report import write_report
from saccade.viewing.tables import Cell, Table, to_markdown
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


def tables(out: Path, rows: Sequence[Row], budget: Budget) -> list[Table]:
    """One table a section, in the order of the rows."""
    sections = list(dict.fromkeys(row.section for row in rows))
    return [_table(out, s, [r for r in rows if r.section == s], rows, budget) for s in sections]


def write_tables(out: Path, rows: Sequence[Row], budget: Budget, command: str) -> list[Path]:
    """Write table.md, results.json, the figures and report.html; returns what was written."""
    made = tables(out, rows, budget)
    markdown = "\n".join(to_markdown(table) for table in made)
    write_whole(out / "table.md", markdown.encode())
    results = {row.key: load_facts(out, row) for row in rows}
    document = {"system": "push", "command": command, **describe_surroundings(), "rows": results}
    write_whole(out / "results.json", json.dumps(document, indent=1).encode())
    drawn = figures(out, rows)
    written = [out / "table.md", out / "results.json"]
    for name, (_, figure) in drawn.items():
        save_png(out / f"{name}.png", figure_png(figure))
        written.append(out / f"{name}.png")
    facts = {**report_facts(document), "scenario seed": str(SCENARIO_SEED)}
    write_report(
        out / "report.html", "Push: the papers' tables", made, facts=facts,
        figures=dict(drawn.values()),
    )  # fmt: skip
    return [*written, out / "report.html"]


def _table(
    out: Path, section: str, rows: Sequence[Row], everything: Sequence[Row], budget: Budget
) -> Table:
    scripted = {
        (r.objects, r.world): load_results(out, r) for r in everything if r.policy == "scripted"
    }
    body = [_cells(out, row, scripted.get((row.objects, row.world))) for row in rows]
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


def _cells(out: Path, row: Row, scripted: list[EpisodeResult] | None) -> list[Cell]:
    facts = load_facts(out, row)
    summary = facts["summary"]
    cells: list[Cell] = [row.label]
    cells += [(summary[n]["mean"], *summary[n]["ci95"]) for n in COUNTS]
    cells.append((summary["objects_per_action"], *summary["objects_per_action_ci95"]))
    published = row.published
    cells.append(f"{published[0]:.2f}, {published[4]:.2f}" if published else "")
    cells.append(_difference(load_results(out, row), scripted))
    trained = row.config is not None
    cells.append(str(facts["pushes_learned_from"]) if trained else "")
    if row.evaluate_only:
        cells.append("same weights")
    else:
        cells.append(f"{facts['training_seconds'] / 60:.1f} min" if trained else "")
    return cells


def _difference(ours: list[EpisodeResult], scripted: list[EpisodeResult] | None) -> Cell:
    """Objects in the box more than the scripted policy, paired by scenario."""
    if scripted is None or len(ours) != len(scripted):
        return ""
    a = np.array([r.objects_in_box for r in ours], float)
    b = np.array([r.objects_in_box for r in scripted], float)
    return paired_difference(a, b, np.random.default_rng(0))


def figures(out: Path, rows: Sequence[Row]) -> dict[str, tuple[str, Figure]]:
    """The papers' figures from these rows, by file name: caption and figure."""
    drawn: dict[str, tuple[str, Figure]] = {}
    by_key = {row.key: row for row in rows}
    paper = [r for r in rows if r.section == PAPER]
    if paper:
        caption = "Objects in the box of 10: here (dots) and as published (diamonds)"
        dots = [_interval(out, row) for row in paper]
        drawn["table1"] = caption, intervals(dots, "objects in the box")
    for objects in (1, 10):
        pair = [by_key.get(f"report-{objects}-{mask}") for mask in ("edge", "none")]
        found = [row for row in pair if row is not None]
        if found:
            caption = f"Training with {objects} object(s), as the report's Figs. 4 to 6"
            drawn[f"learning-{objects}"] = caption, _curves(out, found)
    discounted = ("hourglass-online-mask", "hourglass-online-mask-04")
    gammas = [by_key[key] for key in discounted if key in by_key]
    if gammas:
        drawn["gamma"] = "Discounts, as the report's Fig. 7", _curves(out, gammas)
    for key in ("densenet-offline", "hourglass-offline-mask"):  # GlimpseQ has no maps
        if key in by_key:
            caption = f"Q maps of {by_key[key].label}, as the paper's Fig. 6"
            drawn[f"q-{key}"] = caption, _q_figure(out, by_key[key])
    curves = find(None) / CURVES_FILE
    if curves.exists():
        caption = "PushMask on held-out pushes, as the paper's Fig. 5"
        drawn["mask"] = caption, precision_recall(load_curves(curves.parent))
    return drawn


def _interval(out: Path, row: Row) -> IntervalRow:
    box = load_facts(out, row)["summary"]["objects_in_box"]
    published = row.published[0] if row.published else None
    return IntervalRow(row.label, box["mean"], *box["ci95"], published=published)


def _curves(out: Path, rows: Sequence[Row]) -> Figure:
    """What the pushes that each row made while it learned did, episode by episode."""
    names = ("in the box", "on the ground", "left on the table", "mean reward of a push")
    panels: dict[str, list[Series]] = {name: [] for name in names}
    for row in rows:
        folder = row_folder(out, row) / "run" / "data"
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


def _q_figure(out: Path, row: Row) -> Figure:
    """The row's masked Q on the first scenario."""
    policy = load_policy(row_folder(out, row) / "run" / RUN_WEIGHTS)
    world = PushWorld()
    world.reset(draw_scenario(scenario_seed(SCENARIO_SEED, 0), 10))
    heightmap = world.observe()
    decision = policy.decide(heightmap)
    world.close()
    assert decision.q is not None
    return q_maps(decision.q, heightmap, decision.q != 0, title=row.label)
