"""`saccade eval hart --together`: all objects of a video, and how often they are mixed up."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from saccade import systems
from saccade.data.tracking.mot import read_mot_videos
from saccade.data.tracking.sequence import MultiObjectSequence
from saccade.errors import UserInputError
from saccade.systems.hart.evaluation.sources import SEQUENCES, SequenceSource
from saccade.systems.hart.mohart.evaluate import (
    FollowedTogether,
    follow_together,
    multi_results,
    synthetic_videos,
)
from saccade.systems.hart.mohart.tracker import MultiTracker
from saccade.systems.hart.showing.results import write_results
from saccade.systems.hart.showing.together import (
    together_document,
    together_table,
    write_together_report,
)
from saccade.systems.hart.weights import SYSTEM, load_network
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import progress
from saccade.training.storage import make_folder
from saccade.viewing.tables import to_text


def evaluate_together(
    source: SequenceSource, weights: str, command: str, out: Path, stop: GracefulStop
) -> tuple[int, int]:
    """Follow every video, print the table, write the files.

    Args:
        source: Generated clips, or a folder of MOT's format.
        weights: As the option has them.
        command: The command line.
        out: Folder of results.json and report.html.
        stop: Ends early; what was followed is kept.

    Returns:
        Videos that were followed, and videos that there are.

    Raises:
        UserInputError: The format has no several objects, or there are no such weights or videos.
        DamagedFileError: A file cannot be read.
    """
    tracker = MultiTracker(load_network(systems.weights_folder(weights, SYSTEM)))
    videos, asked = _videos(source)
    make_folder(out)
    done: list[FollowedTogether] = []
    try:
        for video in progress(videos, total=asked, description="evaluation"):
            if stop.is_requested():
                break
            done.append(follow_together(tracker, video))
    finally:
        # Whatever ends the evaluation: what was followed counts.
        if done:
            name = f"hart, {weights or 'shipped weights'}"
            _write(out, together_document(multi_results(done), source, name, command, asked))
    return len(done), asked


def _write(out: Path, document: dict[str, Any]) -> None:
    """Print the table and write the files."""
    print(to_text(together_table(document)), end="")
    print(write_results(out, document))
    print(write_together_report(out, document))


def _videos(source: SequenceSource) -> tuple[Iterable[MultiObjectSequence], int]:
    """The videos, made or read when they are asked for, and how many there are."""
    if source.data is None:
        count = source.sequences or SEQUENCES
        return synthetic_videos(source.seed, range(count), source.synthetic), count
    if source.format != "mot":
        raise UserInputError(
            f"--together was given with --format {source.format}, which has one object a sequence; "
            "expected synthetic or mot"
        )
    videos = read_mot_videos(source.data)[: source.sequences]
    if source.frames:
        videos = [video.clip(0, min(source.frames, video.n_frames)) for video in videos]
    return videos, len(videos)
