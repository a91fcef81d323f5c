"""What `saccade show` says of a run: how far it is, and its learning curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saccade.verbs.show import Records, RunView, is_number
from saccade.viewing.plots import Series
from saccade.viewing.tables import Cell, Table


def curve_panels(records: Records) -> dict[str, list[Series]]:
    """A panel of the loss for each network, its stages one after the other."""
    panels: dict[str, list[Series]] = {}
    for network in ("look", "vote"):
        chosen = [r for r in records if str(r["stage"]).endswith(network)]
        made, before, points = 0, 0, []
        for record, following in zip(chosen, [*chosen[1:], None], strict=True):
            made = before + record["step"]
            if is_number(record.get("loss")):
                points.append((made, record["loss"]))
            if following is not None and following["stage"] != record["stage"]:
                before = made
        if points:
            steps, values = np.array(points, float).T
            panels[f"loss of {network}"] = [Series(network, values, steps)]
    return panels


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
