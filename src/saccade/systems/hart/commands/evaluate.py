"""`saccade eval hart`: one-pass evaluation of a tracker; a table and a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from saccade.checks import check_least
from saccade.data.tracking.sources import (
    Format,
    SequenceSource,
    describe_together,
    open_together,
)
from saccade.errors import UserInputError
from saccade.left_out import LeftOut, attempt
from saccade.systems.hart.evaluate import Followed, compare
from saccade.systems.hart.evaluation.named_trackers import TrackerName, tracker_makers
from saccade.systems.hart.mohart.evaluate import (
    FollowedTogether,
    follow_together,
    multi_results,
    open_videos,
)
from saccade.systems.hart.mohart.tracker import MultiTracker
from saccade.systems.hart.pictures.steps import choose_pictured, draw_sequences
from saccade.systems.hart.pictures.together import (
    SHOWN,
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
from saccade.viewing.tables import Table
from saccade.wording import counted


@dataclass(frozen=True)
class EvalOptions(WorkerOptions):
    """Evaluate trackers. Ctrl-C keeps the results of the sequences that were followed.

    A sequence that cannot be read, or has no box but the one that the tracker is given, is left
    out: results.json and the end of what is printed say why.

    Frames a second hang on the number of workers; boxes do not (but for MIL, whose chances OpenCV
    does not let one seed).

    Attributes:
        weights: Name of shipped weights, a folder or file of weights, a run, or a Hub repository;
            the shipped weights if not given.
        tracker: Tracker, or several to be compared on the same sequences. "hart" has the weights;
            "still" never moves, the rest are OpenCV's; "nano" and "vit" need --models.
        models: Files of OpenCV's networks: backbone.onnx,head.onnx of nano, vit.onnx of vit; for
            both, in the order in which --tracker names them.
        data: Folder of the dataset, or several folders; none for generated clips.
        format: Format of the dataset, or of each of several folders. "synthetic" generates clips
            of photographs and objects that no training shows; "kitti-test" is the paper's test on
            KITTI: the last fifth of each video, chunks of 60 frames, pictures of 621 x 187 pixels;
            "kth-test" that on KTH: the sequences of one subject.
        subject: Subject of "kth-test" whom the training left out (its --data.test-subject); the
            last one if not given.
        sequences: Number of sequences of each folder, the first ones; all, or 200 generated ones,
            if not given.
        frames: Number of frames of each; all, or 60 of generated ones, if not given.
        height: Height of generated frames [pixels].
        width: Width of generated frames [pixels].
        seed: Seed of generated clips.
        out: Folder for results.json and report.html.
        pictured: Sequences with pictures in the report, the worst first.
        per_sequence: Print the results sequence by sequence as well.
        together: Follow all objects of each video at once, and count how often they are mixed up:
            of generated clips, or of format mot. The tracker is hart, in one process.
    """

    weights: str = ""
    tracker: tuple[TrackerName, ...] = ("hart",)
    models: tuple[str, ...] = ()
    data: tuple[Path, ...] = ()
    format: tuple[Format, ...] = ("synthetic",)
    sequences: int | None = None
    frames: int | None = None
    height: int = 120
    width: int = 160
    seed: int = 0
    subject: str = ""
    out: Path = Path("out/eval-hart")
    pictured: int = 12
    per_sequence: bool = False
    together: bool = False


def run_eval(options: EvalOptions) -> int:
    """Follow, print the table, write the files."""
    check_least(options, {"workers": 0, "pictured": 0}, "--")
    command = command_line("saccade eval hart", options, EvalOptions())
    evaluation = _together if options.together else _alone
    return evaluation(options, _sources(options), command).run(options.pictured)


def _sources(options: EvalOptions) -> list[SequenceSource]:
    """One a folder.

    Raises:
        UserInputError: Folders and formats do not fit, or an option is out of range.
    """
    folders, formats = options.data or (None,), options.format
    if len(formats) == 1:
        formats *= len(folders)
    if not options.tracker or len(formats) != len(folders):
        raise UserInputError(
            f"{counted(len(options.tracker), 'tracker')}, "
            f"{counted(len(options.data), 'folder')} of --data and "
            f"{len(options.format)} of --format were given; expected one tracker or more, and one "
            "format for all folders or one for each"
        )
    return [
        SequenceSource(
            form, folder, options.seed, options.sequences, options.frames,
            options.height, options.width, subject=options.subject,
        )
        for form, folder in zip(formats, folders, strict=True)
    ]  # fmt: skip


def _alone(
    options: EvalOptions, sources: Sequence[SequenceSource], command: str
) -> Evaluation[tuple[Followed, ...]]:
    """One object a sequence.

    Raises:
        UserInputError: There is no such tracker or dataset.
        DamagedFileError: Weights or annotations cannot be read.
    """
    makers = tracker_makers(options.tracker, options.weights, options.models)
    sequences, left_out = open_together(sources)
    source, names, workers = describe_together(sources), _names(options), options.as_workers()
    asked = len(sequences) + len(left_out)

    def report(
        document: dict[str, Any], followed: Sequence[tuple[Followed, ...]], limit: int, stop: Stop
    ) -> Path:
        first = [each[0] for each in followed]
        chosen = choose_pictured(first, limit)
        drawn = draw_sequences(makers[0], sequences, first, chosen, workers, stop) if chosen else ()
        shown = progress(drawn, total=len(chosen), description="pictures") if chosen else ()
        pictures = {index: made for made, index in zip(shown, chosen, strict=False)}
        return write_evaluation_report(options.out, document, first, pictures, limit)

    return Evaluation(
        SYSTEM,
        command,
        options.out,
        len(sequences),
        "sequence",
        play=lambda stop: compare(makers, sequences, workers, stop),
        so_far=_so_far,
        measure=lambda followed: measures(followed, source, names, asked, options.workers),
        table=partial(result_table, per_sequence=options.per_sequence),
        report=report,
        left_out=left_out,
    )


def _together(
    options: EvalOptions, sources: Sequence[SequenceSource], command: str
) -> Evaluation[FollowedTogether]:
    """All objects of a video at once.

    Raises:
        UserInputError: The format has no several objects, the tracker cannot follow them, or there
            are no such weights or videos.
        DamagedFileError: A file cannot be read.
    """
    if options.tracker != ("hart",):
        raise UserInputError(
            f"--together was given with --tracker {' '.join(options.tracker)}; expected hart, "
            "which follows several objects at once"
        )
    tracker = MultiTracker(load_network(weights_folder(options.weights, SYSTEM)))
    videos, count, left_out = open_videos(sources)
    source, (name,) = describe_together(sources), _names(options)

    def play(stop: Stop) -> Iterator[FollowedTogether | LeftOut]:
        left = takewhile(lambda _: not stop(), videos)
        return (attempt(each.name, partial(follow_together, tracker, each)) for each in left)

    def table(document: dict[str, Any]) -> Table:
        return together_table(document, len(document["videos"]) if options.per_sequence else SHOWN)

    return Evaluation(
        SYSTEM,
        command,
        options.out,
        count,
        "video",
        play=play,
        so_far=lambda done: {},
        measure=lambda done: together_measures(
            multi_results(done), source, name, count + len(left_out)
        ),
        table=table,
        report=lambda document, *_: write_together_report(options.out, document),
        left_out=left_out,
    )


def _names(options: EvalOptions) -> list[str]:
    """What the table calls the trackers."""
    weights = f", {options.weights or 'shipped weights'}"
    return [name + (weights if name == "hart" else "") for name in options.tracker]


def _so_far(followed: Sequence[tuple[Followed, ...]]) -> dict[str, float]:
    ious = [first.measures.mean_iou_without_first for first, *_ in followed]
    return {"iou": float(np.mean(np.nan_to_num(ious)))}


COMMAND = Command(EvalOptions, run_eval)
