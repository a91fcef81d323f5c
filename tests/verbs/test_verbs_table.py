"""Which kept figures a table believes, with rows that cost nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from saccade.errors import UserInputError
from saccade.training.interrupt import GracefulStop
from saccade.training.run import Run
from saccade.verbs.rows import Making, Row
from saccade.verbs.table import _meant


@dataclass(frozen=True)
class Config:
    """Settings of a stub."""

    steps: int = 3


@dataclass(frozen=True)
class Stub:
    """A table whose rows are measured by counting how often that was done."""

    out: Path
    seed: int = 0
    cases: int = 2

    def run(self, row: Row) -> Path | None:
        return self.out / "rows" / (row.base or row.key) / "run" if row.config else None

    def train(self, row: Row) -> None:
        run = self.run(row)
        assert run is not None
        if not row.base and not run.exists():
            Run.create(run, {"system": "stub", "config": {"steps": row.config.steps}}, self.seed)
            self.weights(row, b"first")

    def weights(self, row: Row, content: bytes) -> None:
        run = self.run(row)
        assert run is not None
        (run / "weights").mkdir(exist_ok=True)
        (run / "weights" / "model.safetensors").write_bytes(content)

    def sources(self, row: Row) -> dict[str, dict[str, Any]]:
        return {"played": {"cases": self.cases, "size": (1, 2)}}

    def measure(self, row: Row, name: str) -> dict[str, Any]:
        counter = self.out / f"{row.key}.count"
        count = int(counter.read_text()) + 1 if counter.exists() else 1
        counter.write_text(str(count))
        return {"mean": 0.25 * count}

    def facts(self, row: Row) -> dict[str, Any]:
        return {"pushes": 7}

    def making(self) -> Making[Row]:
        return Making(
            "stub", self.out, self.seed, self.run, self.train, self.sources,
            self.measure, self.facts,
        )  # fmt: skip

    def make(self, *rows: Row) -> list[float]:
        """Makes the rows; their figures tell how often each was measured."""
        with GracefulStop() as stop:
            assert self.making().make(rows, 1, stop)
        found = [self.making().measured(row, "played") for row in rows]
        return [one["mean"] / 0.25 for one in found if one is not None]


PLAIN = Row("plain", "plain")
TRAINED = Row("trained", "trained", Config())
SHARING = Row("sharing", "shares the weights", Config(), base="trained")


def test_what_is_made_is_kept(tmp_path: Path) -> None:
    table = Stub(tmp_path)
    assert table.make(PLAIN, TRAINED, SHARING) == table.make(PLAIN, TRAINED, SHARING) == [1, 1, 1]
    assert table.making().kept(PLAIN)["pushes"] == 7


@pytest.mark.parametrize(
    ("row", "change", "again"),
    [
        (PLAIN, lambda table: replace(table, cases=3), True),
        (TRAINED, lambda table: table.weights(TRAINED, b"other") or table, True),
        (SHARING, lambda table: table.weights(TRAINED, b"other") or table, True),
        (PLAIN, lambda table: table.weights(TRAINED, b"other") or table, False),
    ],
)
def test_what_would_be_made_otherwise_is_not_believed(
    tmp_path: Path, row: Row, change: Callable[[Stub], Stub], again: bool
) -> None:
    table = Stub(tmp_path)
    table.make(TRAINED, row)
    table = change(table)
    shown = [] if again else [row]
    assert [r for r in [row] if table.making().shows(r, [])] == shown
    assert table.making().kept(row)["measured"].keys() == ({"played"} if shown else set())
    assert table.make(row) == [2 if again else 1]


def test_settings_and_seeds_of_a_row_count(tmp_path: Path) -> None:
    Stub(tmp_path).make(TRAINED, PLAIN)
    longer = replace(TRAINED, config=Config(4))
    assert not Stub(tmp_path).making().shows(longer, [])
    other = Stub(tmp_path, seed=1).making()
    assert [row for row in (TRAINED, PLAIN) if other.shows(row, [])] == [PLAIN]
    for table, row in ((Stub(tmp_path), longer), (Stub(tmp_path, seed=1), TRAINED)):
        with pytest.raises(UserInputError, match="was started with other settings"):
            table.make(row)


def test_a_repeated_training_has_another_seed(tmp_path: Path) -> None:
    making = Stub(tmp_path, seed=4).making()
    again = replace(TRAINED, key="again", repeat=2)
    assert (making.seed_of(TRAINED), making.seed_of(again)) == (4, 6)
    assert making.made_of(again, "played")["seed"] == 6


def test_a_pattern_stands_for_all_rows_that_it_fits() -> None:
    keys = ["lid.bc", "lid.sac", "cup.bc"]
    assert _meant("lid.bc", keys) == ["lid.bc"]
    assert _meant("*.bc", keys) == ["lid.bc", "cup.bc"]
    with pytest.raises(UserInputError, match=r"unknown row '\*.dac' \(valid: lid.bc, "):
        _meant("*.dac", keys)


def test_a_row_needs_what_it_starts_from(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="--only trained sharing"):
        Stub(tmp_path).make(SHARING)


@pytest.mark.parametrize(
    "edit",
    [
        lambda content: content["measured"]["played"].update(mean=9.0),
        lambda content: content["measured"]["played"]["made_of"].update(weights="x"),
        lambda content: content.update(pushes=9_000),
        lambda content: content.update(measured=[]),
        lambda content: content.update(measured=None),
        lambda content: content.pop("sha256"),
        lambda content: content.pop("measured"),
    ],
)
def test_an_edited_result_is_made_anew(tmp_path: Path, edit: Callable[[Any], object]) -> None:
    table = Stub(tmp_path)
    table.make(PLAIN)
    path = tmp_path / "rows/plain/result.json"
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))
    assert table.making().result(PLAIN) == {} and not table.making().shows(PLAIN, [])
    assert table.make(PLAIN) == [2]
