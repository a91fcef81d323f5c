"""`saccade eval smak`: unseen sequences; a table and a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from saccade.checks import check_least
from saccade.systems.smak.config import POURING
from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.evaluate import Embedded, TestSource, embed_all
from saccade.systems.smak.pictures.sheets import attention_of, neighbours_of
from saccade.systems.smak.pictures.trajectories import trajectory_figure
from saccade.systems.smak.results import measures, result_table, write_evaluation_report
from saccade.systems.smak.weights import SYSTEM, load
from saccade.training.device import resolve_device
from saccade.verbs.command import Command
from saccade.verbs.evaluate import Evaluation, Stop
from saccade.verbs.lookup import weights_folder
from saccade.verbs.spelling import command_line
from saccade.verbs.workers import WorkerOptions
from saccade.worlds.pouring.config import Split


@dataclass(frozen=True)
class EvalOptions(WorkerOptions):
    """Evaluate an embedding. Ctrl-C keeps the results of the sequences that were embedded.

    A sequence that cannot be read is left out: results.json and the end of what is printed say
    why.

    Attributes:
        weights: Name of shipped weights, a folder or file of weights, a run, or a Hub repository;
            the shipped weights if not given.
        data: Folder of sequences, or "pouring": the pouring world is recorded.
        sequences: Number of sequences, the first ones of a folder; all, or 100 of the pouring
            world, if not given.
        seed: Seed of the pouring world.
        split: Textures, cups and colours of the pouring world: "test" has none that training had.
        out: Folder for results.json and report.html.
        pictured: Number of sequences with pictures in the report.
        device: Device that the network runs on: "auto", "cpu", "cuda" or "mps".
    """

    weights: str = ""
    data: str = POURING
    sequences: int | None = None
    seed: int = 0
    split: Split = "test"
    out: Path = Path("out/eval-smak")
    pictured: int = 4
    device: str = "auto"


def run_eval(options: EvalOptions) -> int:
    """Embed, print the table, write the files."""
    check_least(options, {"workers": 0, "pictured": 0, "sequences": 1, "seed": 0}, "--")
    embedder = load(weights_folder(options.weights, SYSTEM))
    embedder.network.to(resolve_device(options.device))
    world = replace(embedder.config.pouring, split=options.split)
    source = TestSource(options.data, options.sequences, options.seed, world)
    name = options.weights or "shipped weights"

    def report(
        document: dict[str, Any], embedded: Sequence[Embedded], limit: int, stop: Stop
    ) -> Path:
        figures = pictures(embedder, embedded, limit, stop)
        return write_evaluation_report(options.out, document, embedded, figures)

    workers = options.as_workers()
    return Evaluation(
        SYSTEM,
        command_line("saccade eval smak", options, EvalOptions()),
        options.out,
        len(source),
        "sequence",
        play=lambda stop: embed_all(embedder, source, workers, options.pictured, stop),
        so_far=so_far,
        measure=lambda embedded: measures(embedded, source.describe(), name),
        table=result_table,
        report=report,
        left_out=source.left_out,
    ).run(options.pictured)


def so_far(embedded: Sequence[Embedded]) -> dict[str, float]:
    """What the progress shows."""
    return {"alignment_error": float(np.mean([one.alignment_error for one in embedded]))}


def pictures(
    embedder: Embedder, embedded: Sequence[Embedded], limit: int, stop: Stop
) -> dict[str, Any]:
    """Figures of the report by caption."""
    figures: dict[str, Any] = {"Embeddings in time": trajectory_figure(embedded)}
    shown = [one for one in embedded if one.sequence is not None][:limit]
    for number, one in enumerate(shown):
        if stop():
            break
        figures[f"{one.name}: attention"] = attention_of(embedder, one)
        others = shown[number + 1 : number + 3]
        figures[f"{one.name}: nearest neighbours"] = neighbours_of(one, others)
    return figures


COMMAND = Command(EvalOptions, run_eval)
