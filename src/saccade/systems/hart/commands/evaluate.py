"""`saccade eval hart`: one-pass evaluation of a tracker; a table and a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from saccade.checks import check_least
from saccade.errors import UserInputError
from saccade.systems.hart.evaluate import Followed, evaluate
from saccade.systems.hart.evaluation.named_trackers import TrackerName, tracker_maker
from saccade.systems.hart.evaluation.sources import Format, SequenceSource
from saccade.systems.hart.mohart.evaluate import (
    FollowedTogether,
    follow_together,
    multi_results,
    open_videos,
)
from saccade.systems.hart.mohart.tracker import MultiTracker
from saccade.systems.hart.pictures.steps import choose_pictured, draw_sequences
from saccade.systems.hart.pictures.together import (
    together_measures,
    together_table,
    write_together_report,
)
from saccade.systems.hart.results import (
    measures,
    result_table,
    write_evaluation_report,
)
from saccade.systems.hart.weights import SYSTEM, load_network
from saccade.training.progress import progress
from saccade.verbs.command import Command
from saccade.verbs.evaluate import Evaluation, Stop
from saccade.verbs.lookup import weights_folder
from saccade.verbs.spelling import command_line
from saccade.verbs.workers import WorkerOptions


@dataclass(frozen=True)
class EvalOptions(WorkerOptions):
    """Evaluate a tracker. Ctrl-C keeps the results of the sequences that were followed.

    Frames a second hang on the number of workers; boxes do not (but for MIL, whose chances OpenCV
    does not let one seed).

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
    out: Path = Path("out/eval-hart")
    pictured: int = 12
    together: bool = False


def run_eval(options: EvalOptions) -> int:
    """Follow, print the table, write the files."""
    check_least(options, {"workers": 0, "pictured": 0}, "--")
    source = SequenceSource(
        options.format, options.data, options.seed, options.sequences, options.frames,
        options.height, options.width, subject=options.subject,
    )  # fmt: skip
    command = command_line("saccade eval hart", options, EvalOptions())
    evaluation = _together if options.together else _alone
    return evaluation(options, source, command).run(options.pictured)


def _alone(options: EvalOptions, source: SequenceSource, command: str) -> Evaluation[Followed]:
    """One object a sequence.

    Raises:
        UserInputError: There is no such tracker or dataset.
        DamagedFileError: Weights or annotations cannot be read.
    """
    make, sequences = tracker_maker(options.tracker, options.weights), source.open()
    name, workers = _name(options), options.as_workers()

    def report(
        document: dict[str, Any], followed: Sequence[Followed], limit: int, stop: Stop
    ) -> Path:
        chosen = choose_pictured(followed, limit)
        drawn = draw_sequences(make, sequences, followed, chosen, workers, stop) if chosen else ()
        shown = progress(drawn, total=len(chosen), description="pictures") if chosen else ()
        pictures = dict(zip(chosen, shown, strict=False))
        return write_evaluation_report(options.out, document, followed, pictures, limit)

    return Evaluation(
        SYSTEM,
        command,
        options.out,
        len(sequences),
        "sequence",
        play=lambda stop: evaluate(make, sequences, workers, stop),
        so_far=_so_far,
        measure=lambda followed: measures(followed, source, name, len(sequences), options.workers),
        table=result_table,
        report=report,
    )


def _together(
    options: EvalOptions, source: SequenceSource, command: str
) -> Evaluation[FollowedTogether]:
    """All objects of a video at once.

    Raises:
        UserInputError: The format has no several objects, the tracker cannot follow them, or there
            are no such weights or videos.
        DamagedFileError: A file cannot be read.
    """
    if options.tracker != "hart":
        raise UserInputError(
            f"--together was given with --tracker {options.tracker}; expected hart, which follows "
            "several objects at once"
        )
    tracker = MultiTracker(load_network(weights_folder(options.weights, SYSTEM)))
    videos, count = open_videos(source)

    def play(stop: Stop) -> Iterator[FollowedTogether]:
        left = takewhile(lambda _: not stop(), videos)
        return (follow_together(tracker, video) for video in left)

    return Evaluation(
        SYSTEM,
        command,
        options.out,
        count,
        "video",
        play=play,
        so_far=lambda done: {},
        measure=lambda done: together_measures(multi_results(done), source, _name(options), count),
        table=together_table,
        report=lambda document, *_: write_together_report(options.out, document),
    )


def _name(options: EvalOptions) -> str:
    """What the table calls the tracker."""
    weights = f", {options.weights or 'shipped weights'}"
    return options.tracker + (weights if options.tracker == "hart" else "")


def _so_far(followed: Sequence[Followed]) -> dict[str, float]:
    ious = [each.measures.mean_iou_without_first for each in followed]
    return {"iou": float(np.mean(np.nan_to_num(ious)))}


COMMAND = Command(EvalOptions, run_eval)
