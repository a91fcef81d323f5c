"""`saccade eval hart`: one-pass evaluation of a tracker; a table and a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from saccade.data.tracking.sequence import TrackingSequence
from saccade.errors import UserInputError
from saccade.systems.hart.commands.evaluate_together import evaluate_together
from saccade.systems.hart.evaluate import Followed, evaluate
from saccade.systems.hart.evaluation.baselines import FrameTracker
from saccade.systems.hart.evaluation.named_trackers import TrackerName, tracker_maker
from saccade.systems.hart.evaluation.sources import Format, SequenceSource
from saccade.systems.hart.showing.results import (
    result_table,
    results_document,
    write_evaluation_report,
    write_results,
)
from saccade.systems.hart.showing.steps import Pictures, choose_pictured, draw_sequences
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import progress
from saccade.training.provenance import usable_cores
from saccade.training.storage import make_folder
from saccade.verbs.command import STOPPED, Command
from saccade.verbs.spelling import command_line
from saccade.viewing.tables import to_text


@dataclass(frozen=True)
class EvalOptions:
    """Evaluate a tracker. Ctrl-C keeps the results of the sequences that were followed.

    Attributes:
        weights: Name of shipped weights, a folder or file of weights, a run, or a Hub repository;
            the shipped weights if not given.
        tracker: "hart" has the weights; the others are what it is compared with: "still" never
            moves, the rest are OpenCV's.
        data: Folder of the dataset; none for generated clips.
        format: How it is written. "synthetic" generates clips of photographs and objects that no
            training shows; "kitti-test" is the paper's test on KITTI: the last fifth of each
            video, chunks of 60 frames, pictures of 621 x 187 pixels; "kth-test" that on KTH: the
            sequences of one subject.
        subject: Of kth-test, whom the training left out (its --data.test-subject); the last one if
            not given.
        sequences: How many, the first ones; all, or 200 generated ones, if not given.
        frames: Frames of each; all, or 60 of generated ones, if not given.
        height: Of generated frames [pixels].
        width: Of generated frames [pixels].
        seed: Of generated clips.
        workers: Processes; boxes are the same whatever their number (but for MIL, whose chances
            OpenCV does not let one seed), frames a second are not.
        out: Folder for results.json and report.html.
        pictured: Sequences with pictures in the report, the worst first.
        together: Follow all objects of each video at once, and count how often they are mixed up:
            of generated clips, or of format mot. The tracker is hart, in one process.
    """

    weights: str = ""
    tracker: TrackerName = "hart"
    data: Path | None = None
    format: Format = "synthetic"
    sequences: int | None = None
    frames: int | None = None
    height: int = 120
    width: int = 160
    seed: int = 0
    subject: str = ""
    workers: int = field(default_factory=usable_cores)
    out: Path = Path("out/eval-hart")
    pictured: int = 12
    together: bool = False


@dataclass(frozen=True)
class _Plan:
    """What is evaluated, on what."""

    make_tracker: Callable[[], FrameTracker]
    source: SequenceSource
    sequences: Sequence[TrackingSequence]
    workers: int


def run_eval(options: EvalOptions) -> int:
    """Follow, print the table, write the files."""
    if options.together:
        return _run_together(options)
    plan = _plan(options)
    make_folder(options.out)
    followed: list[Followed] = []
    with GracefulStop() as stop:
        try:
            _follow_all(plan, followed, stop)
        finally:
            # Whatever ends the evaluation: what was followed counts.
            document = _write_results(plan, followed, options) if followed else {}
        if not followed:
            print("stopped before the first sequence was over; nothing was written")
            return STOPPED
        limit = 0 if stop.requested else options.pictured
        pictures = _pictures(plan, followed, limit, stop)
    print(write_evaluation_report(options.out, document, followed, pictures, limit))
    return _ended(len(followed), len(plan.sequences))


def _run_together(options: EvalOptions) -> int:
    """The same for all objects of a video at once."""
    if options.tracker != "hart":
        raise UserInputError(
            f"--together was given with --tracker {options.tracker}; expected hart, which follows "
            "several objects at once"
        )
    source = _source(options)
    command = command_line("saccade eval hart", options, EvalOptions())
    with GracefulStop() as stop:
        done, asked = evaluate_together(source, options.weights, command, options.out, stop)
    return _ended(done, asked)


def _ended(done: int, asked: int) -> int:
    """The exit code, and what there is to say if not everything was followed."""
    if done == asked:
        return 0
    print(f"stopped after {done} of {asked} sequences")
    return STOPPED


def _plan(options: EvalOptions) -> _Plan:
    """What the options ask for.

    Raises:
        UserInputError: One is out of range, or there is no such tracker or dataset.
        DamagedFileError: Weights or annotations cannot be read.
    """
    for name in ("workers", "pictured"):
        if getattr(options, name) < 0:
            raise UserInputError(f"--{name} is {getattr(options, name)}; expected 0 or more")
    source = _source(options)
    make = tracker_maker(options.tracker, options.weights)
    return _Plan(make, source, source.open(), options.workers)


def _source(options: EvalOptions) -> SequenceSource:
    return SequenceSource(
        options.format, options.data, options.seed, options.sequences, options.frames,
        options.height, options.width, subject=options.subject,
    )  # fmt: skip


def _follow_all(plan: _Plan, followed: list[Followed], stop: GracefulStop) -> None:
    """Follow every sequence into a list, with the mean IoU so far."""
    with progress(total=len(plan.sequences), description="evaluation") as bar:
        every = evaluate(plan.make_tracker, plan.sequences, plan.workers, stop.is_requested)
        for one in every:
            followed.append(one)
            ious = [each.measures.mean_iou_without_first for each in followed]
            bar.update(1, iou=float(np.mean(np.nan_to_num(ious))))


def _pictures(
    plan: _Plan, followed: Sequence[Followed], limit: int, stop: GracefulStop
) -> dict[int, Pictures]:
    """Pictures of the sequences that the report shows, by their indices."""
    chosen = choose_pictured(followed, limit)
    if not chosen:
        return {}
    drawn = draw_sequences(
        plan.make_tracker, plan.sequences, followed, chosen, plan.workers, stop.is_requested
    )
    shown = progress(drawn, total=len(chosen), description="pictures")
    return {index: pictures for pictures, index in zip(shown, chosen, strict=False)}


def _write_results(
    plan: _Plan, followed: Sequence[Followed], options: EvalOptions
) -> dict[str, Any]:
    """Print the table and write results.json; returns what it holds."""
    command = command_line("saccade eval hart", options, EvalOptions())
    name = options.tracker
    if name == "hart":
        name += f", {options.weights or 'shipped weights'}"
    document = results_document(
        followed, plan.source, name, command, len(plan.sequences), options.workers
    )
    print(to_text(result_table(document)), end="")
    print(write_results(options.out, document))
    return document


COMMAND = Command(EvalOptions, run_eval)
