"""The papers' tables: which rows there are, and that finished ones are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from saccade.systems.push.paper.making import PushTable, make_policy
from saccade.systems.push.paper.rows import PAPER, PAPER_ORDER, Budget, rows
from saccade.training.interrupt import GracefulStop

ROWS = rows(Budget())
BY_KEY = {row.key: row for row in ROWS}


def test_keys_are_unique_and_bases_are_trained_rows() -> None:
    assert len(BY_KEY) == len(ROWS)
    for row in ROWS:
        if row.base:
            base = BY_KEY[row.base]
            assert base.config is not None and not base.base and not base.evaluate_only
            assert row.config is not None and row.config.network == base.config.network


def test_the_papers_rows_have_the_papers_figures_in_its_order() -> None:
    paper = [row for row in ROWS if row.section == PAPER]
    assert [row.key for row in paper] == list(PAPER_ORDER)
    for row in paper:
        assert row.published is not None
        boxed, lost, left, _, _ = row.published
        assert boxed + lost + left == pytest.approx(10)


def test_trained_rows_get_the_same_pushes_and_steps() -> None:
    budget = Budget(episodes=7, offline_samples=3200, online_pushes=300, online_samples=960)
    for row in rows(budget):
        if row.config is None or row.evaluate_only or row.key.startswith("report"):
            continue
        offline, online = row.config.offline, row.config.online
        assert row.config.data.episodes == 7
        assert offline.steps == 200
        if row.base:
            assert online.rounds * online.episodes * online.pushes == 300
            assert online.rounds * online.steps == 60


@pytest.mark.parametrize(
    ("policy", "mask"), [("unmasked", "none"), ("pushmask", "learned"), ("", "edge")]
)
def test_the_shipped_rows_of_a_task_look_through_the_mask_that_they_name(
    policy: str, mask: str, tmp_path: Path
) -> None:
    key = "gather-shipped" + (f"-{policy}" if policy else "")
    made = make_policy(BY_KEY[key], PushTable(tmp_path, Budget()))
    assert made.config.mask.kind == mask  # pyright: ignore[reportAttributeAccessIssue]


def test_a_stopped_table_leaves_no_half_row(tmp_path: Path) -> None:
    class Stopped(GracefulStop):
        @property
        def requested(self) -> bool:
            return True

    making = PushTable(tmp_path, Budget()).making()
    assert not making.make([BY_KEY["random-1"]], 1, Stopped())
    assert not list(tmp_path.rglob("result.json"))


def test_a_table_that_was_moved_is_the_same_table(tmp_path: Path) -> None:
    """A row's run names the folders that it learns from; where they lie makes no other row."""
    here, there = (PushTable(tmp_path / name, Budget()) for name in ("here", "there"))
    for row in ROWS:
        if row.config is not None:
            assert here.settings(row) != there.settings(row)
            assert there.making().comparable(here.settings(row)) == row.config
