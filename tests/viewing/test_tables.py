from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.viewing.tables import Table, to_html, to_markdown, to_text

TABLE = Table(
    columns=["policy", "in box", "actions"],
    rows=[
        "Baselines",
        ["random", (2.0, 1.75, 2.25), 55.125],
        ["edge <mask> | 2", (8.5, 8.25, 8.75), 21],
        "Ours",
        ["ours", (9.5, 9.25, 9.75), "stopped"],
    ],
    caption="Ten objects",
    notes=["100 scenarios"],
    better={"in box": "high", "actions": "low"},
)


def test_text_is_aligned_and_marks_the_best():
    assert to_text(TABLE) == (
        "Ten objects\n"
        "policy                       in box  actions\n"
        "---------------  ------------------  -------\n"
        "Baselines\n"
        "random           2.00  [1.75, 2.25]   55.12\n"
        "edge <mask> | 2  8.50  [8.25, 8.75]      21*\n"
        "Ours\n"
        "ours             9.50* [9.25, 9.75]  stopped\n"
        "* best of its column\n"
        "100 scenarios\n"
    )


def test_markdown_escapes_and_ranks():
    assert to_markdown(TABLE) == (
        "Ten objects\n\n"
        "| policy | in box | actions |\n"
        "| :-- | --: | --: |\n"
        "| **Baselines** |  |  |\n"
        "| random | 2.00 [1.75, 2.25] | *55.12* |\n"
        "| edge <mask> \\| 2 | *8.50* [8.25, 8.75] | **21** |\n"
        "| **Ours** |  |  |\n"
        "| ours | **9.50** [9.25, 9.75] | stopped |\n"
        "\n100 scenarios\n"
    )


class Cells(HTMLParser):
    """Collects the text of every row's cells, and checks that tags nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def test_html_holds_the_same_cells_escaped():
    html = to_html(TABLE)
    parsed = Cells(html)
    assert parsed.open == []
    assert parsed.rows == [
        ["policy", "in box", "actions"],
        ["Baselines"],
        ["random", "2.00 [1.75, 2.25]", "55.12"],
        ["edge <mask> | 2", "8.50 [8.25, 8.75]", "21"],
        ["Ours"],
        ["ours", "9.50 [9.25, 9.75]", "stopped"],
    ]
    assert "<strong>9.50</strong>" in html
    assert "<u>8.50</u>" in html
    assert "<mask>" not in html


def test_values_that_look_equal_share_their_rank():
    table = Table(["p", "v"], [["a", 1.001], ["b", 1.002], ["c", 0.5]], better={"v": "high"})
    assert to_markdown(table).count("**1.00**") == 2
    assert "*0.50*" in to_markdown(table)


def test_nothing_is_best_where_all_are_equal_or_alone():
    for values in ([1.0, 1.0], [1.0]):
        table = Table(["v"], [[value] for value in values], better={"v": "high"})
        assert "*" not in to_text(table)


def test_a_value_that_is_no_number_is_never_best():
    table = Table(["v"], [[float("nan")], [2.0], [3.0]], better={"v": "high"})
    assert "3.00*" in to_text(table)
    assert "nan*" not in to_text(table)


def test_numpy_numbers_are_written_as_numbers():
    assert "| 3 | 0.25 |" in to_markdown(Table(["n", "x"], [[np.int64(3), np.float64(0.25)]]))


def test_wide_letters_keep_the_columns_aligned():
    lines = to_text(Table(["name", "v"], [["\u65e5\u672c", 1.0], ["abcd", 2.0]])).splitlines()
    assert lines[2].index("1.00") + 2 == lines[3].index("2.00")


def test_a_row_of_wrong_length_and_an_unknown_column_are_named():
    with pytest.raises(UserInputError, match="has 1 cells; expected 2: a, b"):
        Table(["a", "b"], [["x"]])
    with pytest.raises(UserInputError, match='no column "c"; valid are a, b'):
        Table(["a", "b"], [], better={"c": "high"})
