"""One self-contained HTML file for an evaluation: tables, figures, every scenario step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib import resources
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.figure import Figure

from saccade.errors import UserInputError
from saccade.storage.files import write_whole
from saccade.viewing.images import ImageFormat, data_uri, encode_image, image_size
from saccade.viewing.plots import figure_png
from saccade.viewing.tables import Table, to_html

Picture = np.ndarray | bytes
"""Picture as uint8 RGB (rows, columns, 3), or PNG, JPEG or WebP bytes."""

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""Policy of the page: it loads nothing but what it carries."""

_DPI = 150


@dataclass(frozen=True)
class Step:
    """One action: named pictures in the order of display, and a line that says what came of it.

    A picture may be a function without arguments, called only if the report shows it. `mark`
    colours the step in the timeline.
    """

    images: Mapping[str, Picture | Callable[[], Picture]]
    text: str
    mark: Literal["good", "bad", "neutral"] = "neutral"


@dataclass(frozen=True)
class ScenarioReport:
    """One episode: its name, the figures of its summary, whether it failed, and its steps."""

    name: str
    summary: Mapping[str, str | float]
    failed: bool
    steps: Sequence[Step] = field(default_factory=tuple)


@dataclass(frozen=True)
class ReportLimits:
    """Limits that keep the file small.

    Failures are pictured first, but a quarter of the pictured scenarios are successes, one at least
    where two or more are pictured.

    Attributes:
        pictured: Scenarios with pictures.
        image_format: Encoding of the pictures.
        quality: Quality of the encoding, 1 to 100.
    """

    pictured: int = 16
    image_format: ImageFormat = "webp"
    quality: int = 80


def write_report(
    path: str | Path,
    title: str,
    tables: Table | Sequence[Table],
    scenarios: Sequence[ScenarioReport] = (),
    figures: Mapping[str, Figure | Picture] | None = None,
    notes: Sequence[str] = (),
    facts: Mapping[str, str] | None = None,
    limits: ReportLimits | None = None,
    noun: str = "scenario",
) -> None:
    """Write the report; it needs no network, and opens in any browser.

    `facts` are the run's (command, date, machine, ...), `figures` maps captions to pictures.
    `noun` is what the report calls a scenario. Failed ones come first, otherwise the order is
    kept. Raises UserInputError for pictures that are not such, StorageError if the disk refuses;
    an older report then stays as it was.
    """
    limits = limits or ReportLimits()
    ordered = sorted(scenarios, key=lambda scenario: not scenario.failed)
    sections = [
        _header(title, facts or {}),
        _results([tables] if isinstance(tables, Table) else tables, notes),
        _figures(figures or {}),
        _scenarios(ordered, limits, noun) if ordered else "",
    ]
    page = _page(title, "\n".join([*filter(None, sections), "</main>"]))
    # A file's name may hold bytes that are no text.
    write_whole(Path(path), page.encode(errors="backslashreplace"))


def pictured_scenarios(ordered: Sequence[ScenarioReport], limit: int) -> set[int]:
    """Indices of the scenarios that keep their pictures, out of failures-first `ordered`."""
    if limit < 0:
        raise UserInputError(f"the number of pictured scenarios is {limit}; expected 0 or more")
    failed = [i for i, scenario in enumerate(ordered) if scenario.failed]
    passed = [i for i, scenario in enumerate(ordered) if not scenario.failed]
    share = max(limit // 4, 1 if limit > 1 else 0)
    for_passed = max(min(len(passed), share), limit - len(failed))
    return set(failed[: limit - min(for_passed, limit)]) | set(passed[:for_passed])


def _page(title: str, body: str) -> str:
    style, script = (
        resources.files("saccade.viewing").joinpath(name).read_text("utf-8")
        for name in ("report.css", "report.js")
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
{body}
<script>
{script}</script>
</body>
</html>
"""


def _header(title: str, facts: Mapping[str, str]) -> str:
    items = "\n".join(
        f"<dt>{escape(name)}</dt><dd>{_fact(name, value)}</dd>" for name, value in facts.items()
    )
    listing = f'\n<dl class="facts">\n{items}\n</dl>' if facts else ""
    return f"<header>\n<h1>{escape(title)}</h1>{listing}\n</header>\n<main>"


def _fact(name: str, value: str) -> str:
    text = escape(str(value))
    return f"<code>{text}</code>" if name.lower() == "command" else text


def _results(tables: Sequence[Table], notes: Sequence[str]) -> str:
    if not tables and not notes:
        return ""
    lines = "\n".join(f'<p class="note">{escape(note)}</p>' for note in notes)
    body = "".join(to_html(table) for table in tables)
    return f'<section id="results">\n<h2>Results</h2>\n{body}{lines}\n</section>'


def _figures(figures: Mapping[str, Figure | Picture]) -> str:
    items = "\n".join(_figure(caption, figure) for caption, figure in figures.items())
    if not items:
        return ""
    return (
        f'<section id="figures">\n<h2>Figures</h2>\n<div class="figures">\n{items}\n</div>'
        "\n</section>"
    )


def _figure(caption: str, figure: Figure | Picture) -> str:
    shrink = 1.0
    if isinstance(figure, Figure):
        data, shrink = figure_png(figure, _DPI), 96 / _DPI
    else:
        data = figure if isinstance(figure, bytes) else encode_image(figure, "png")
    image = _image(data, caption, shrink)
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def _image(data: bytes, alt: str, shrink: float = 1.0) -> str:
    width, height = (round(side * shrink) for side in image_size(data))
    return f'<img alt="{escape(alt)}" width="{width}" height="{height}" src="{data_uri(data)}">'


def _scenarios(ordered: Sequence[ScenarioReport], limits: ReportLimits, noun: str) -> str:
    pictured = pictured_scenarios(ordered, limits.pictured)
    n_failed = sum(scenario.failed for scenario in ordered)
    picks = "\n".join(_pick(i, each, i in pictured) for i, each in enumerate(ordered))
    templates = "\n".join(
        _template(i, each, i in pictured, limits) for i, each in enumerate(ordered)
    )
    return f"""<section id="scenarios">
<h2>{noun.capitalize()}s</h2>
<p class="note">{_said_of_pictures(ordered, pictured, noun)}</p>
<noscript><p class="note">Stepping through the {noun}s needs JavaScript.</p></noscript>
<div class="browser">
<details class="list" open>
<summary>{len(ordered)} {noun}s, {n_failed} failed</summary>
<div class="filter" role="group" aria-label="Which {noun}s are listed">
<button type="button" data-filter="all" aria-pressed="true">All</button>
<button type="button" data-filter="failed" aria-pressed="false"{"" if n_failed else " disabled"}>\
Failures</button>
</div>
<ol>
{picks}
</ol>
</details>
<article class="player" aria-label="Selected {noun}">
<h3></h3>
<p class="about"></p>
<div class="controls">
<button type="button" class="previous">\N{LEFTWARDS ARROW} Previous</button>
<button type="button" class="play">Play</button>
<button type="button" class="next">Next \N{RIGHTWARDS ARROW}</button>
<span class="position" aria-live="polite"></span>
</div>
<div class="timeline" role="group" aria-label="Steps"></div>
<div class="stage"></div>
<p class="keys"><kbd>\N{LEFTWARDS ARROW}</kbd> <kbd>\N{RIGHTWARDS ARROW}</kbd> step \
&middot; <kbd>Shift</kbd> + <kbd>\N{LEFTWARDS ARROW}</kbd> <kbd>\N{RIGHTWARDS ARROW}</kbd> \
{noun} &middot; click a picture to enlarge it</p>
</article>
</div>
{templates}
<dialog aria-label="Enlarged picture"></dialog>
</section>"""


def _said_of_pictures(ordered: Sequence[ScenarioReport], pictured: set[int], noun: str) -> str:
    failed = {i for i, scenario in enumerate(ordered) if scenario.failed}
    order = "Failures come first." if failed else f"No {noun} failed."
    if len(pictured) == len(ordered):
        return order
    n_passed = len(ordered) - len(failed)
    return (
        f"{order} To keep this file small, pictures are kept for {len(pictured)} of "
        f"{len(ordered)} {noun}s: {len(pictured & failed)} of {len(failed)} that failed and "
        f"{len(pictured - failed)} of {n_passed} others. The rest are listed with their steps in "
        "words."
    )


def _pick(index: int, scenario: ScenarioReport, pictured: bool) -> str:
    badge = '<span class="badge failed">failed</span>' if scenario.failed else ""
    if not pictured:
        badge += '<span class="badge bare">no pictures</span>'
    about = " \N{MIDDLE DOT} ".join(
        f"{name} {value:g}" if isinstance(value, (int, float)) else f"{name} {value}"
        for name, value in scenario.summary.items()
    )
    return (
        f'<li><button type="button" class="pick" data-scenario="scenario-{index + 1}" '
        f'data-failed="{str(scenario.failed).lower()}" aria-current="false">{badge}'
        f'<span class="name">{escape(scenario.name)}</span>'
        f'<span class="about">{escape(about)}</span></button></li>'
    )


def _template(index: int, scenario: ScenarioReport, pictured: bool, limits: ReportLimits) -> str:
    steps = "\n".join(
        _step(f"{scenario.name}, step {number}", step, pictured, limits)
        for number, step in enumerate(scenario.steps, start=1)
    )
    return f'<template id="scenario-{index + 1}">\n{steps}\n</template>'


def _step(heading: str, step: Step, pictured: bool, limits: ReportLimits) -> str:
    images = ""
    if pictured:
        figures = "".join(
            f"<figure><figcaption>{escape(name)}</figcaption>"
            f"{_image(_encoded(picture, limits), f'{heading}: {name}')}</figure>"
            for name, picture in step.images.items()
        )
        images = f'<div class="pictures">{figures}</div>'
    return f'<div class="step" data-mark="{step.mark}"><p>{escape(step.text)}</p>{images}</div>'


def _encoded(picture: Picture | Callable[[], Picture], limits: ReportLimits) -> bytes:
    drawn = picture() if callable(picture) else picture
    if isinstance(drawn, bytes):
        return drawn
    return encode_image(drawn, limits.image_format, limits.quality)
