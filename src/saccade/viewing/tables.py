"""One table, three forms: aligned text for a terminal, GitHub Markdown, HTML."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

import numpy as np

from saccade.errors import UserInputError

Cell = str | float | np.integer | np.floating | tuple[float, float, float]
"""Cell of a table: text, a number, or (mean, low, high) such as `saccade.statistics.Estimate`."""

Rank = Literal["", "best", "second"]


@dataclass(frozen=True)
class Table:
    """Rows of cells under named columns.

    A row that is a plain string is a heading across the table. `better` names the columns in which
    "high" or "low" values are better: their best value is set bold and the second-best underlined,
    as in the paper's Table I. `notes` stand below, a line each.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell] | str]
    caption: str = ""
    notes: Sequence[str] = ()
    better: Mapping[str, Literal["high", "low"]] = field(default_factory=dict)
    decimals: int = 2

    def __post_init__(self) -> None:
        for row in self.rows:
            if not isinstance(row, str) and len(row) != len(self.columns):
                raise UserInputError(
                    f"table row {list(row)} has {len(row)} cells; "
                    f"expected {len(self.columns)}: {', '.join(self.columns)}"
                )
        unknown = sorted(set(self.better) - set(self.columns))
        if unknown:
            raise UserInputError(
                f'table has no column "{unknown[0]}"; valid are {", ".join(self.columns)}'
            )


def to_text(table: Table) -> str:
    """Aligned plain text for a terminal; the best of a ranked column bears a *."""
    star = {"": " ", "best": "*", "second": " "}
    body = _rendered(table, lambda text, rank: text + star[rank], _plain)
    cells = [row for row in body if not isinstance(row, str)]
    widths = [
        max(_width(text) for text in column) for column in zip(table.columns, *cells, strict=True)
    ]
    numeric = _numeric_columns(table)
    lines = [table.caption] if table.caption else []
    lines.append(_aligned(table.columns, widths, numeric))
    lines.append("  ".join("-" * width for width in widths))
    lines += [row if isinstance(row, str) else _aligned(row, widths, numeric) for row in body]
    if "best" in _ranks(table).values():
        lines.append("* best of its column")
    return "\n".join([*lines, *table.notes]) + "\n"


def to_markdown(table: Table) -> str:
    """GitHub Markdown; the best of a ranked column is bold, the second-best italic."""
    marks = {"": "{}", "best": "**{}**", "second": "*{}*"}
    body = _rendered(table, lambda text, rank: marks[rank].format(text), _plain, _markdown_escape)
    numeric = _numeric_columns(table)
    lines = [f"{table.caption}\n"] if table.caption else []
    lines.append(_piped([_markdown_escape(column) for column in table.columns]))
    lines.append(_piped(["--:" if number else ":--" for number in numeric]))
    for row in body:
        heading = [f"**{row}**"] + [""] * (len(table.columns) - 1) if isinstance(row, str) else row
        lines.append(_piped(heading))
    notes = [f"\n{note}" for note in table.notes]
    return "\n".join([*lines, *notes]) + "\n"


def to_html(table: Table) -> str:
    """A `<figure>` with the table, its caption and notes; all text is escaped."""
    marks = {"": "{}", "best": "<strong>{}</strong>", "second": "<u>{}</u>"}
    body = _rendered(
        table,
        lambda text, rank: marks[rank].format(text),
        lambda mean, low, high: f"{mean} <small>[{low}, {high}]</small>",
        escape,
    )
    kinds = ["number" if number else "text" for number in _numeric_columns(table)]
    head = "".join(
        f'<th scope="col" class="{kind}">{escape(column)}</th>'
        for column, kind in zip(table.columns, kinds, strict=True)
    )
    rows = "\n".join(_html_row(row, kinds) for row in body)
    caption = f"<figcaption>{escape(table.caption)}</figcaption>\n" if table.caption else ""
    notes = "".join(f'<p class="note">{escape(note)}</p>\n' for note in table.notes)
    return (
        f'<figure class="table">\n{caption}<div class="scroll" tabindex="0" role="region" '
        f'aria-label="{escape(table.caption or "Table")}"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>\n"
        f"{notes}</figure>\n"
    )


def _html_row(row: list[str] | str, kinds: Sequence[str]) -> str:
    if isinstance(row, str):
        heading = f'<th colspan="{len(kinds)}" scope="colgroup">{row}</th>'
        return f'<tr class="group">{heading}</tr>'
    cells = [f'<td class="{kind}">{text}</td>' for text, kind in zip(row, kinds, strict=True)]
    cells[0] = f'<th scope="row" class="{kinds[0]}">{row[0]}</th>'
    return f"<tr>{''.join(cells)}</tr>"


def _rendered(
    table: Table,
    mark: Callable[[str, Rank], str],
    interval: Callable[[str, str, str], str],
    clean: Callable[[str], str] = str,
) -> list[list[str] | str]:
    """Every cell as text: `mark` shows its rank, `interval` joins a marked mean, low and high."""
    ranks = _ranks(table)
    result: list[list[str] | str] = []
    for r, row in enumerate(table.rows):
        if isinstance(row, str):
            result.append(clean(row))
            continue
        texts = []
        for c, cell in enumerate(row):
            mean, *bounds = _digits(cell, table.decimals, clean)
            marked = mark(mean, ranks[r, c]) if (r, c) in ranks else mean
            texts.append(interval(marked, *bounds) if bounds else marked)
        result.append(texts)
    return result


def _digits(cell: Cell, decimals: int, clean: Callable[[str], str]) -> list[str]:
    """Text or a number as one string; (mean, low, high) as three."""
    if isinstance(cell, str):
        return [clean(cell)]
    if isinstance(cell, tuple):
        return [f"{value:.{decimals}f}" for value in cell]
    whole = isinstance(cell, (int, np.integer))
    return [f"{cell}" if whole else f"{cell:.{decimals}f}"]


def _plain(mean: str, low: str, high: str) -> str:
    return f"{mean} [{low}, {high}]"


def _ranks(table: Table) -> dict[tuple[int, int], Rank]:
    """Rank of every number in a ranked column, by its value as displayed; equals share a rank."""
    ranks: dict[tuple[int, int], Rank] = {}
    for name, better in table.better.items():
        column = list(table.columns).index(name)
        shown = {
            r: round(_number(row[column]), table.decimals)
            for r, row in enumerate(table.rows)
            if not isinstance(row, str) and not isinstance(row[column], str)
        }
        values = {value for value in shown.values() if np.isfinite(value)}
        first, second, *_ = [*sorted(values, reverse=better == "high"), None, None]
        for r, value in shown.items():
            known: Rank = "best" if value == first else "second" if value == second else ""
            ranks[r, column] = known if len(values) > 1 else ""
    return ranks


def _number(cell: Cell) -> float:
    return float(cell[0] if isinstance(cell, tuple) else cell)


def _numeric_columns(table: Table) -> list[bool]:
    """A column is numeric when it holds a number; such columns are aligned to the right."""
    rows = [row for row in table.rows if not isinstance(row, str)]
    return [any(not isinstance(row[c], str) for row in rows) for c in range(len(table.columns))]


def _aligned(texts: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = []
    for text, width, number in zip(texts, widths, numeric, strict=True):
        space = " " * (width - _width(text))
        padded.append(space + text if number else text + space)
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Terminal columns: wide East Asian characters take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def _piped(texts: Sequence[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _markdown_escape(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("\n", " ")
