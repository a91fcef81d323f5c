"""What `saccade show` says of a run: how far it is, and its learning curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saccade.systems.arm.train_from_replay import STAGE
from saccade.verbs.show import Records, RunView, is_number, steps_made
from saccade.viewing.plots import Series
from saccade.viewing.tables import Cell, Table

REPLAYED = {
    "loss": "loss of the baseline",
    "critic_loss": "loss of the critics",
    "attention_loss": "loss of the Q-attention",
    "own_success": "success of recent own episodes",
}
"""What is drawn of methods that learn from replay, by the metric's name."""


def curve_panels(records: Records) -> dict[str, list[Series]]:
    """A panel of the loss for each network, its stages one after the other."""
    panels: dict[str, list[Series]] = {}
    for network in ("look", "vote"):
        chosen = [r for r in records if str(r["stage"]).endswith(network)]
        if series := _series(network, "loss", chosen):
            panels[f"loss of {network}"] = [series]
    learned = [r for r in records if r["stage"] == STAGE]
    for name, label in REPLAYED.items():
        repeats = name == "loss" and any("critic_loss" in r for r in learned)
        if not repeats and (series := _series(label, name, learned)):
            panels[label] = [series]
    return panels


def _series(label: str, name: str, records: Records) -> Series | None:
    """A metric over the steps of all stages; None where it was never written."""
    made = steps_made(records)
    points = [(at, r[name]) for at, r in zip(made, records, strict=True) if is_number(r.get(name))]
    if not points:
        return None
    steps, values = np.array(points, float).T
    return Series(label, values, steps)


def stages(records: Records) -> Table:
    """Each stage's first and last loss."""
    names = list(dict.fromkeys(record["stage"] for record in records))
    rows: list[Sequence[Cell] | str] = []
    for name in names:
        found = [record for record in records if record["stage"] == name]
        losses = [r["loss"] if is_number(r.get("loss")) else "?" for r in (found[0], found[-1])]
        rows.append([str(name), found[-1]["step"], *losses])
    return Table(("stage", "steps", "first loss", "last loss"), rows, decimals=3)


RUN_VIEW = RunView(stages, curve_panels, band=False)
