"""The report is read back as a browser would: parsed, its pictures decoded, its page opened."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from saccade.errors import StorageError, UserInputError
from saccade.viewing.images import encode_image
from saccade.viewing.plots import IntervalRow, intervals
from saccade.viewing.report import (
    ReportLimits,
    ScenarioReport,
    Step,
    pictured_scenarios,
    write_report,
)
from saccade.viewing.tables import Table

TABLE = Table(["policy", "in box"], [["ours", (9.5, 9.25, 9.75)]], caption="Ten objects")
VOID = {"meta", "img", "br", "link"}
MAGENTA = (200, 30, 160)


def plain(colour: tuple[int, int, int] = (10, 20, 30)) -> np.ndarray:
    return np.full((24, 32, 3), colour, np.uint8)


def scenarios(*failed: bool) -> list[ScenarioReport]:
    return [
        ScenarioReport(
            f"scenario {i}",
            {"in box": 9.5, "stopped": "empty table"},
            failure,
            [
                Step({"depth": plain(), "push": plain(MAGENTA)}, f"<first> of {i}", "good"),
                Step({"depth": encode_image(plain(), "png")}, "a fall", "bad"),
            ],
        )
        for i, failure in enumerate(failed)
    ]


@dataclass
class Page(HTMLParser):
    """What a report holds; asserts on the way that its tags nest."""

    html: str
    images: dict[str, bytes] = field(default_factory=dict)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    picks: list[dict[str, str | None]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(self.html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href", "srcset", "data")]
        if tag == "img":
            match = re.fullmatch(r"data:image/(\w+);base64,(.+)", attributes["src"] or "")
            assert match
            kind, body = match.groups()
            data = base64.b64decode(body, validate=True)
            image = Image.open(io.BytesIO(data))
            assert (image.format or "").lower() == kind
            image.load()
            self.images[attributes["alt"] or ""] = data
            self.sizes.append((int(attributes["width"] or 0), int(attributes["height"] or 0)))
        if "pick" in (attributes.get("class") or "").split():
            self.picks.append(attributes)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def write(path: Path, failed: tuple[bool, ...] = (False, True, False), **options) -> Page:
    facts = {"Command": "saccade eval push --out <dir>", "Date": "2025-01-30"}
    figures = {"Intervals": intervals([IntervalRow("ours", 9.5, 9.2, 9.7)], "in box")}
    options = {"facts": facts, "figures": figures, "notes": ["a < b"], **options}
    write_report(path, "Push & box", TABLE, scenarios(*failed), **options)
    return Page(path.read_text("utf-8"))


def test_the_file_carries_everything_itself(tmp_path):
    page = write(tmp_path / "report.html")
    assert page.addresses
    assert all(address.startswith("data:image/") for address in page.addresses)
    assert "http://" not in page.html
    assert "https://" not in page.html
    assert "url(" not in page.html
    assert "@import" not in page.html


def test_every_picture_is_there_with_its_place_in_words(tmp_path):
    page = write(tmp_path / "report.html", failed=(True,))
    assert list(page.images) == [
        "Intervals",
        "scenario 0, step 1: depth",
        "scenario 0, step 1: push",
        "scenario 0, step 2: depth",
    ]
    decoded = np.asarray(Image.open(io.BytesIO(page.images["scenario 0, step 1: push"])))
    assert np.abs(decoded.astype(int) - MAGENTA).mean() < 4
    assert page.images["scenario 0, step 2: depth"] == encode_image(plain(), "png")
    assert page.sizes[1:] == [(32, 24)] * 3


def test_failures_come_first_and_otherwise_the_order_is_kept(tmp_path):
    page = write(tmp_path / "report.html", failed=(False, True, False, True))
    names = [t for t in page.text if re.fullmatch(r"scenario \d", t)]
    assert names == ["scenario 1", "scenario 3", "scenario 0", "scenario 2"]
    assert [pick["data-failed"] for pick in page.picks] == ["true", "true", "false", "false"]
    assert "4 scenarios, 2 failed" in page.text


def test_text_is_escaped_and_said(tmp_path):
    page = write(tmp_path / "report.html")
    for text in ("Push & box", "saccade eval push --out <dir>", "a < b", "<first> of 1"):
        assert text in page.text
    assert "in box 9.5 \N{MIDDLE DOT} stopped empty table" in page.text
    assert "9.50 " in page.text


def test_a_name_whose_bytes_are_no_text_is_no_reason_to_fail(tmp_path):
    write_report(tmp_path / "report.html", os.fsdecode(b"caf\xe9"), [TABLE])
    assert "caf\\udce9" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_only_some_scenarios_keep_pictures_and_the_page_says_which(tmp_path):
    drawn = []

    def draw(i: int) -> np.ndarray:
        drawn.append(i)
        return plain()

    many = [
        ScenarioReport(f"s{i}", {}, i >= 4, [Step({"depth": lambda i=i: draw(i)}, f"text {i}")])
        for i in range(8)
    ]
    path = tmp_path / "report.html"
    write_report(path, "t", TABLE, many, limits=ReportLimits(pictured=4))
    page = Page(path.read_text("utf-8"))
    assert drawn == [4, 5, 6, 0]
    assert sorted(page.images) == [f"s{i}, step 1: depth" for i in (0, 4, 5, 6)]
    said = " ".join(page.text)
    assert "4 of 8 scenarios: 3 of 4 that failed and 1 of 4 others" in said
    assert page.text.count("no pictures") == 4
    assert all(f"text {i}" in page.text for i in range(8))


@pytest.mark.parametrize(
    ("failed", "passed", "limit", "expected"),
    [
        (2, 9, 4, {0, 1, 2, 3}),
        (9, 9, 4, {0, 1, 2, 9}),
        (9, 0, 4, {0, 1, 2, 3}),
        (0, 3, 9, {0, 1, 2}),
        (3, 3, 9, {0, 1, 2, 3, 4, 5}),
        (9, 9, 3, {0, 1, 9}),
        (9, 9, 2, {0, 9}),
        (3, 3, 1, {0}),
        (3, 3, 0, set()),
    ],
)
def test_a_quarter_of_the_pictures_is_kept_for_successes(failed, passed, limit, expected):
    ordered = scenarios(*[True] * failed, *[False] * passed)
    assert pictured_scenarios(ordered, limit) == expected


def test_a_report_without_scenarios_or_figures_is_whole(tmp_path):
    write_report(tmp_path / "report.html", "t", [TABLE, TABLE])
    page = Page((tmp_path / "report.html").read_text("utf-8"))
    assert page.text.count("Ten objects") == 2
    assert not page.images
    assert "Scenarios" not in page.text


def test_a_bad_picture_leaves_the_older_report_alone(tmp_path):
    path = tmp_path / "report.html"
    write_report(path, "old", TABLE)
    wrong = [ScenarioReport("s", {}, True, [Step({"depth": plain() / 255}, "text")])]
    with pytest.raises(UserInputError, match="float64"):
        write_report(path, "new", TABLE, wrong)
    assert "<title>old</title>" in path.read_text("utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_refused_write_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        write_report(tmp_path / "file" / "report.html", "t", TABLE)


CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")


def browse(address: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page in headless Chromium; its console is on stderr."""
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--enable-logging=stderr",
        "--virtual-time-budget=2000",
    ]
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [CHROMIUM, *flags, profile, *options, address]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@needs_chromium
def test_the_page_runs_in_a_browser_without_a_complaint(tmp_path):
    path = tmp_path / "report.html"
    write(path)
    opened = browse(path.as_uri() + "#scenario-2.2", tmp_path, "--dump-dom")
    assert "CONSOLE" not in opened.stderr
    # What the script filled in: the second scenario of the list at its second step.
    assert re.search(r'<article class="player".*?<h3>scenario 0</h3>', opened.stdout, re.DOTALL)
    assert "Step 2 of 2" in opened.stdout
    stage = opened.stdout.split('<div class="stage">')[1].split('<p class="keys">')[0]
    assert "a fall" in stage
    assert 'alt="scenario 0, step 2: depth"' in stage


@needs_chromium
def test_keys_buttons_and_the_filter_move_through_the_scenarios(tmp_path):
    path = tmp_path / "report.html"
    page = write(path, failed=(False, True, True))
    act = """
        const seen = [], find = (selector) => document.querySelector(selector);
        const note = () => seen.push(
          find(".player h3").textContent + ": " + find(".position").textContent);
        const press = (key, shiftKey) => document.dispatchEvent(
          new KeyboardEvent("keydown", { key, shiftKey, bubbles: true }));
        note();
        press("ArrowRight"); note();
        press("ArrowRight"); note();
        press("ArrowRight", true); note();
        find(".next").click(); note();
        find(".previous").click(); note();
        press("ArrowRight", true); note();
        find('[data-filter="failed"]').click(); note();
        seen.push([...document.querySelectorAll(".list li")].map((li) => li.hidden).join());
        find(".timeline").children[1].click(); note();
        find(".stage img").click();
        seen.push(find("dialog").open + " " + find("dialog img").alt);
        document.title = seen.join("; ");
    """
    path.write_text(page.html.replace("</body>", f"<script>{act}</script></body>"))
    opened = browse(path.as_uri(), tmp_path, "--dump-dom")
    assert "CONSOLE" not in opened.stderr
    title = re.search("<title>(.*?)</title>", opened.stdout)
    assert title
    assert title[1].split("; ") == [
        "scenario 1: Step 1 of 2",
        "scenario 1: Step 2 of 2",
        "scenario 1: Step 2 of 2",
        "scenario 2: Step 1 of 2",
        "scenario 2: Step 2 of 2",
        "scenario 2: Step 1 of 2",
        "scenario 0: Step 1 of 2",
        # Filtered out: the nearest that stays is shown instead.
        "scenario 1: Step 1 of 2",
        "false,false,true",
        "scenario 1: Step 2 of 2",
        "true scenario 1, step 2: depth",
    ]


@needs_chromium
def test_the_page_shows_the_pictures(tmp_path):
    path, shot = tmp_path / "report.html", tmp_path / "shot.png"
    write(path)
    browse(path.as_uri(), tmp_path, f"--screenshot={shot}", "--window-size=1200,2000")
    pixels = np.asarray(Image.open(shot).convert("RGB")).astype(int)
    assert pixels.shape == (2000, 1200, 3)
    magenta = np.abs(pixels - MAGENTA).max(axis=2) < 12
    assert magenta.sum() > 250 * 150


@needs_chromium
def test_the_check_of_the_console_can_fail(tmp_path):
    path = tmp_path / "broken.html"
    path.write_text("<script>undefinedFunction()</script>")
    assert "CONSOLE" in browse(path.as_uri(), tmp_path, "--dump-dom").stderr
