"""Tables of every registered system cannot lie: a figure stands under what made it, or nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.case import Conforming
from saccade.systems import SYSTEMS
from saccade.verbs.rows import sealed

Table = Callable[..., Any]


@pytest.fixture
def table(saccade, system: Conforming, tmp_path: Path) -> Table:
    """Makes one row, or those of the keys, with a budget."""

    def make(budget: tuple[object, ...], *keys: str, extra: tuple[object, ...] = ()) -> Any:
        options = (*system.case.table, *budget, *extra, "--only", *(keys or [system.case.row]))
        return saccade("table", system.name, "--out", tmp_path / "table", *options)

    return make


def result(system: Conforming, tmp_path: Path) -> Path:
    return tmp_path / "table/rows" / system.case.row / "result.json"


def printed(tmp_path: Path) -> dict[str, Any]:
    """Rows that the newest table says it holds."""
    return json.loads((tmp_path / "table/results.json").read_text())["rows"]


def test_every_system_has_a_table() -> None:
    assert [name for name, system in SYSTEMS.items() if "table" not in system.verbs()] == []


def test_a_row_is_kept_for_its_budget_and_for_no_other(
    system: Conforming, table: Table, tmp_path: Path
) -> None:
    case, kept = system.case, result(system, tmp_path)
    assert table(case.budget).code == 0
    first = kept.read_bytes()
    assert table(case.budget).code == 0
    assert kept.read_bytes() == first
    label = json.loads(first)["label"]
    assert label in (tmp_path / "table/table.md").read_text()
    # Under another heading it is not shown; asked for, it is made anew.
    assert table(case.other_budget, case.other_row).code == 0
    assert set(printed(tmp_path)) == {case.other_row}
    assert f"| {label} |" not in (tmp_path / "table/table.md").read_text()
    assert kept.read_bytes() == first
    assert table(case.other_budget).code == 0
    assert set(printed(tmp_path)) == {case.row, case.other_row}
    (old,), (new,) = (
        [one["made_of"] for one in json.loads(text)["measured"].values()]
        for text in (first, kept.read_bytes())
    )
    assert old != new


def edited(content: dict[str, Any], edit: str) -> bytes:
    """A row's result after somebody touched it."""
    name, measured = next(iter(content["measured"].items()))
    match edit:
        case "a figure":
            changed = json.loads(json.dumps(content).replace("0.0", "0.5").replace("1.0", "0.5"))
            return json.dumps(changed | {"label": "better"}).encode()
        case "an older format":
            return json.dumps({"key": content["key"], "episodes": [], "summary": {}}).encode()
        case _:
            source = measured["made_of"]["source"]
            made = measured["made_of"] | {"source": source | {"seed": source["seed"] + 1}}
    return json.dumps(sealed(content | {"measured": {name: measured | {"made_of": made}}})).encode()


def test_an_edited_result_is_made_anew(system: Conforming, table: Table, tmp_path: Path) -> None:
    """Some ways; the others are in tests/verbs/test_verbs_table.py, where a row costs nothing."""
    kept = result(system, tmp_path)
    assert table(system.case.budget).code == 0
    content = json.loads(kept.read_text())
    for edit in ("a figure", "an older format", "another seed"):
        kept.write_bytes(edited(content, edit))
        assert table(system.case.budget).code == 0, edit
        made = json.loads(kept.read_text())
        assert made == sealed(made), edit
        assert made["label"] == content["label"], edit
        (one,), (two,) = (each["measured"].values() for each in (made, content))
        assert one["made_of"] == two["made_of"], edit


def test_a_damaged_result_is_named(system: Conforming, table: Table, tmp_path: Path) -> None:
    kept = result(system, tmp_path)
    kept.parent.mkdir(parents=True)
    for content in (b"", b'{"measured": {', b"[" * 100_000):
        kept.write_bytes(content)
        table(system.case.budget).mistake(str(kept))
    assert not (tmp_path / "table/table.md").exists()


def test_a_training_of_other_settings_is_not_gone_on_with(
    system: Conforming, table: Table, tmp_path: Path
) -> None:
    run = tmp_path / "table/rows" / system.case.trained_row / "run"
    system.training.start(run, system.config(), 0)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    done = table(system.case.budget, system.case.trained_row)
    done.mistake(f"{run} was started with other settings", "--budget")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_unknown_row_is_refused(system: Conforming, table: Table, tmp_path: Path) -> None:
    row = system.case.row
    table(system.case.budget, row[:-1] + "_").mistake(f"'{row[:-1]}_'", row)
    assert not (tmp_path / "table").exists()
