"""`saccade show FOLDER`: print what a folder is, write pictures of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.errors import UserInputError
from saccade.training.metrics import read_metrics
from saccade.training.run import Run, is_run
from saccade.verbs.evaluate import (
    REPORT_FILE,
    RESULTS_FILE,
    ResultsKind,
    every_results,
    read_evaluation,
)
from saccade.verbs.lookup import shown_folder
from saccade.verbs.ship import CARD_FILE
from saccade.verbs.train import Training
from saccade.verbs.weights import Trained, has_weights, read_trained
from saccade.viewing.images import save_png
from saccade.viewing.plots import Series, figure_png, learning_curves
from saccade.viewing.tables import Table, to_text

DATASET_FILE = "dataset.json"
CURVES_FILE = "learning_curves.png"
WINDOW = 10
"""Number of lines of metrics.jsonl that the curves average."""

Records = Sequence[Mapping[str, Any]]
"""Lines of metrics.jsonl."""


@dataclass(frozen=True)
class RunView:
    """What is told of a run beyond what holds for all.

    Attributes:
        numbers: Table of a run's metrics.
        panels: Learning curves by panel; a metric that was not finite is None (`is_number`).
        more: Function that prints and writes what else there is; takes the run's folder and that of
            the pictures; returns the files that it wrote.
        band: Whether the curves show their spread.
    """

    numbers: Callable[[Records], Table]
    panels: Callable[[Records], Mapping[str, Sequence[Series]]]
    more: Callable[[Path, Path], list[Path]] | None = None
    band: bool = True


@dataclass(frozen=True)
class View:
    """How a system shows its folders; `commands/show.py` calls `show` with the options.

    Attributes:
        training: Training of the system.
        table: Table of what an evaluation's results.json holds.
        run: View of a run.
        weights: Function that shows weights at work; takes their folder and that of the pictures;
            returns the files that it wrote.
        dataset: Function that shows a recorded dataset in the same way; None where there is none.
        beside: Files of an evaluation that have its pictures.
        results: Declaration of what an evaluation's results.json holds.
    """

    training: Training[Any]
    table: Callable[[dict[str, Any]], Table]
    run: RunView
    weights: Callable[[Path, Path], list[Path]]
    dataset: Callable[[Path, Path], list[Path]] | None = None
    beside: tuple[str, ...] = (REPORT_FILE,)
    results: ResultsKind = every_results

    def show(self, target: str, out: Path | None) -> int:
        """Print what `target` is, write pictures of it into `out`, and name them."""
        folder = shown_folder(target, self.training.system)
        for path in self._shown(folder, out or Path("out") / f"show-{folder.name or 'folder'}"):
            print(path)
        return 0

    def _shown(self, folder: Path, out: Path) -> list[Path]:
        if (folder / RESULTS_FILE).is_file():
            return self._evaluation(folder)
        if (folder / DATASET_FILE).is_file():
            if self.dataset is None:
                raise UserInputError(f"{folder} is a dataset; {self.training.system} records none")
            return self.dataset(folder, out)
        if not is_run(folder):
            return self._weights(folder, out)
        written = self._run(folder, out)
        return [*written, *self._weights(folder, out)] if has_weights(folder) else written

    def _evaluation(self, folder: Path) -> list[Path]:
        path, system = folder / RESULTS_FILE, self.training.system
        command, table = read_evaluation(path, system, self.table, self.results)
        print(f"evaluation {folder}\n{command}\n\n{to_text(table)}")
        return [folder / name for name in self.beside if (folder / name).exists()]

    def _run(self, folder: Path, out: Path) -> list[Path]:
        run = Run.open(folder)
        about = self.training.about(self.training.settings_of(run))
        print(f"run {folder}: seed {run.seed}, {about}")
        records = read_metrics(run.metrics_file) if run.metrics_file.exists() else []
        written: list[Path] = []
        if records:
            print(to_text(self.run.numbers(records)))
            panels = self.run.panels(records)
            figure = learning_curves(panels, window=WINDOW, x_label="step", band=self.run.band)
            save_png(out / CURVES_FILE, figure_png(figure))
            written.append(out / CURVES_FILE)
        if self.run.more is not None:
            written += self.run.more(folder, out)
        if not has_weights(folder):
            print(f"no weights yet; go on with: {self.training.resume_command(run)}")
        return written

    def _weights(self, folder: Path, out: Path) -> list[Path]:
        trained = read_trained(folder, self.training.system, self.training.config)
        card = trained.folder / CARD_FILE
        if card.is_file():
            print(card.read_text(encoding="utf-8", errors="replace"))
        for line in [*_facts(trained), self.training.about(trained.config)]:
            print(line)
        return self.weights(trained.folder, out)


def _facts(trained: Trained[Any]) -> list[str]:
    """Size, parts, and what the description says beyond the settings."""
    size = sum(f.stat().st_size for f in trained.folder.glob("*.safetensors")) / 1e6
    parts: Counter[str] = Counter()
    for name, tensor in trained.state.items():
        parts[name.partition(".")[0]] += tensor.numel()
    facts = {k: v for k, v in trained.facts.items() if k not in ("system", "config")}
    return [
        f"weights {trained.folder}: {size:.2f} MB, {parts.total():,} numbers",
        "numbers " + ", ".join(f"{name} {count:,}" for name, count in parts.most_common()),
        *(f"{k:7s} {f'{v:.4g}' if isinstance(v, float) else v}" for k, v in facts.items()),
    ]


def steps_made(records: Records) -> list[int]:
    """Steps made up to each record, those of the stages before counted in."""
    steps: list[int] = []
    before, last = 0, {}
    for record in records:
        if last and record["stage"] != last["stage"]:
            before += last["step"]
        steps.append(before + record["step"])
        last = record
    return steps


def is_number(value: object) -> bool:
    """Whether a metric is known: what was not finite is written as null."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
