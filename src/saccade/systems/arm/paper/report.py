"""The tables of Figures 6 and 7 from finished rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from saccade.systems.arm.episodes import CAUSES
from saccade.systems.arm.paper.budget import Budget
from saccade.systems.arm.paper.making import TEST_SEED, ArmTable
from saccade.systems.arm.paper.measured import Variant, over_tasks, variants
from saccade.systems.arm.paper.published import PUBLISHED, SOURCE
from saccade.systems.arm.paper.rows import (
    ABLATION_TASKS,
    BASE,
    CROPS,
    DEMONSTRATIONS,
    METHOD_LABELS,
    PARTS,
    TASKS,
    Row,
)
from saccade.viewing.tables import Cell, Table

COLUMNS = (
    "method", "success", "actions", *(cause.replace("_", " ") for cause in CAUSES), "updates",
    "own episodes", "own actions", "core-minutes", "numbers",
)  # fmt: skip
Variants = Mapping[tuple[str, str], Variant]


def tables(table: ArmTable, rows: Sequence[Row]) -> list[Table]:
    """The methods task by task, and the ablations, of what was measured."""
    found = variants(table, rows)
    made = (methods_table(table.budget, found), ablation_table(table.budget, found))
    return [each for each in made if each.rows]


def methods_table(budget: Budget, found: Variants) -> Table:
    """Every method on every task, after its budget (Figure 6)."""
    body: list[Sequence[Cell] | str] = []
    names = [*METHOD_LABELS, "expert", "random"]
    for task in TASKS:
        here = [found[task, name] for name in names if (task, name) in found]
        if here:
            body += [title_of(task), *map(_cells, here), *_published(task)]
    return Table(
        COLUMNS, [*body, *_means(found)],
        caption=f"Success after one budget (Fig. 6), on {budget.episodes} unseen placements",
        notes=_notes(budget),
    )  # fmt: skip


def ablation_table(budget: Budget, found: Variants) -> Table:
    """What is left out or changed of the paper's method (Figure 7)."""
    sections = {
        "Fig. 7a: parts": [BASE, *PARTS],
        "Fig. 7b: demonstrations": [f"demonstrations-{n}" for n in DEMONSTRATIONS],
        "Fig. 7c: crop": [f"crop-{n}" for n in CROPS],
    }
    changed = {name for names in sections.values() for name in names} - {BASE}
    tasks = [t for t in ABLATION_TASKS if any((t, name) in found for name in changed)]
    columns = ["variant"]
    for task in tasks:
        columns += [f"{title_of(task)}: success", "difference", "updates", "core-minutes"]
    body: list[Sequence[Cell] | str] = []
    for heading, names in sections.items():
        lines = [line for name in names if (line := _ablation_cells(found, tasks, name))]
        body += [heading, *lines] if lines else []
    return Table(
        columns, body,
        caption="The paper's method with parts left out or changed (Fig. 7)",
        notes=(
            "difference: success over that of the whole method, paired by placement",
            f"the whole method has {budget.demonstrations} demonstrations and a crop of 16 pixels",
            "a larger crop costs more an update, so that its budget is fewer of them",
        ),
    )  # fmt: skip


def title_of(task: str) -> str:
    """The name of a task in words."""
    return task.replace("_", " ")


def _cells(variant: Variant) -> list[Cell]:
    causes = [variant.failures(cause) for cause in CAUSES]
    cells = [variant.label, variant.success(), variant.mean("actions"), *causes]
    return [*cells, *_cost(variant)]


def _cost(variant: Variant) -> list[Cell]:
    """Updates, own episodes and actions, minutes and size, the trainings' means."""
    config, facts = variant.rows[0].config, variant.facts
    if config is None:
        return [""] * 5
    last = [each["moments"][-1] for each in facts]
    return [
        updates_of(variant.rows[0]),
        round(sum(moment["episodes"] for moment in last) / len(last)),
        round(sum(moment["actions"] for moment in last) / len(last)),
        sum(each["training_minutes"] for each in facts) / len(facts),
        f"{facts[0]['numbers']:,}",
    ]


def updates_of(row: Row) -> str:
    """Gradient steps of a row's training, as a text."""
    config = row.config
    assert config is not None
    if config.method != "look-and-vote":
        return f"{config.replay.updates:,}"
    own = config.own
    look = config.look.steps + own.rounds * own.look_steps
    return f"{look:,} + {config.vote.steps + own.rounds * own.vote_steps:,}"


def _published(task: str) -> list[Sequence[Cell]]:
    empty = [""] * (len(COLUMNS) - 2)
    return [
        [f"{name} ({SOURCE})", value, *empty] for name, value in PUBLISHED.get(task, {}).items()
    ]


def _means(found: Variants) -> list[Sequence[Cell] | str]:
    """Methods over all tasks that all of them were measured on."""
    by_name = {
        name: [found[task, name] for task in TASKS if (task, name) in found]
        for name in METHOD_LABELS
    }
    most = max((len(each) for each in by_name.values()), default=0)
    if most < 2:
        return []
    empty = [""] * (len(COLUMNS) - 2)
    lines: list[Sequence[Cell] | str] = [f"mean of {most} tasks"]
    for each in by_name.values():
        if len(each) == most:
            lines.append([each[0].label, over_tasks(each), *empty])
    return lines


def _ablation_cells(found: Variants, tasks: Sequence[str], name: str) -> list[Cell] | None:
    """A line of the ablations; None where it was measured on no task."""
    if not any((task, name) in found for task in tasks):
        return None
    label, cells = "", []
    for task in tasks:
        variant, base = found.get((task, name)), found.get((task, BASE))
        if variant is None:
            cells += [""] * 4
            continue
        label = variant.label
        gain = variant.over(base) if base is not None and name != BASE else None
        *_, minutes, _ = _cost(variant)
        cells += [variant.success(), gain or "", updates_of(variant.rows[0]), minutes]
    return [label, *cells]


def _notes(budget: Budget) -> list[str]:
    trainings = "one training" if budget.seeds == 1 else f"{budget.seeds} trainings"
    return [
        f"{trainings} a row; 95 % intervals by stratified bootstrap, over the placements of seed "
        f"{TEST_SEED} within each training and task, not over trainings",
        f"{budget.demonstrations} demonstrations a task, the same for every row",
        f"updates: what {budget.minutes:g} core-minutes were reckoned to allow; core-minutes: "
        "processor time that was measured, of one thread",
        "own actions are the environment's steps; failures are numbers of episodes",
        f"{SOURCE}: 30,000 low-level steps with 100 demonstrations; not comparable",
    ]
