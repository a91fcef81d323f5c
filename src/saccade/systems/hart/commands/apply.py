"""`saccade run hart`: follow an object through a user's own video."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch

from saccade.data.tracking.annotation import split_fields
from saccade.data.tracking.box_file import BoxFile
from saccade.data.tracking.footage import Footage, open_footage
from saccade.data.tracking.frames import Rgb
from saccade.data.tracking.live import is_live, open_live
from saccade.errors import DamagedFileError, UserInputError
from saccade.systems.hart.pictures.film import Film, Sight
from saccade.systems.hart.pictures.ruler import ruled
from saccade.systems.hart.tracker import Box, VideoTracker, check_box
from saccade.systems.hart.weights import SYSTEM, load
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import Progress, progress
from saccade.verbs.command import STOPPED, Command
from saccade.verbs.lookup import weights_folder
from saccade.verbs.spelling import command_line
from saccade.viewing.images import save_png
from saccade.viewing.plots import figure_png
from saccade.viewing.video import container_format, write_video
from saccade.viewing.window import Window
from saccade.wording import counted

PRESET = "veryfast"
"""Preset of the film's encoder: nobody waits for a film of half the size."""


@dataclass(frozen=True)
class RunOptions:
    """Follow an object through a video. Ctrl-C keeps what was followed so far.

    Attributes:
        video: Video file that FFmpeg reads, or a folder of images, in natural order of names; or a
            camera by its number, 0 say, or a stream by its address, rtsp://host/stream, which are
            followed until Ctrl-C.
        box: Box of the object in the first frame: x,y,w,h in pixels; x,y is its upper left corner,
            0,0 that of the picture. Without it, the frame is saved with rulers to read it off.
        out: Video of the box, the window, the glimpse and the location map (.mp4, .mkv, .mov).
        weights: Weights as for `saccade eval hart`; the shipped weights if not given.
        start: Number of the frame in which the box is given; the first frame is 0.
        show: Show the film in a window as it is made; closing it ends the work.
        boxes: File of the boxes, .csv or .json: frame, x, y, w, h, confidence, lost; beside --out
            if not given.
    """

    video: str
    box: str = ""
    out: Path = Path("out/hart.mp4")
    weights: str = ""
    start: int = 0
    boxes: Path | None = None
    show: bool = False


def run_apply(options: RunOptions) -> int:
    """Follow the object; write the film and the boxes, and say how it went."""
    boxes = options.boxes or options.out.with_suffix(".csv")
    _check_outputs(options, boxes)
    live = is_live(options.video)
    footage = open_live(options.video) if live else open_footage(Path(options.video))
    frames = footage.frames(options.start)
    first = next(frames)
    box = _first_box(options, first)
    tracker = load(weights_folder(options.weights, SYSTEM))
    # So small a network gains nothing from more, and waits for the encoder's threads.
    torch.set_num_threads(1)
    facts = {
        "system": SYSTEM,
        "command": command_line("saccade run hart", options, RunOptions("")),
        "video": options.video,
        "size": [first.shape[1], first.shape[0]],
    }
    total = None if live else footage.expected - options.start
    with (
        GracefulStop() as stop,
        Window(options.video) if options.show else nullcontext() as window,
        progress(total=total, description="following") as bar,
        BoxFile(boxes, facts) as rows,
    ):
        pursuit = Pursuit(
            tracker, footage, options.start, rows, bar,
            lambda: stop.requested or (window is not None and window.is_closed),
        )  # fmt: skip
        film = pursuit.film(first, frames, box)
        film = film if window is None else window.showing(film)
        write_video(options.out, film, footage.fps, preset=PRESET)
    for line in (*pursuit.summary(), str(options.out), str(boxes)):
        print(line)
    if pursuit.broken is not None:
        raise DamagedFileError(
            f"{pursuit.broken}; {options.out} has the {counted(pursuit.followed, 'frame')} before "
            "that"
        )
    return STOPPED if pursuit.stopped and not live else 0


class Pursuit:
    """Follows an object frame by frame; keeps counts, not frames.

    Args:
        tracker: Tracker that follows the object.
        footage: Footage that the object is followed in.
        start: Number of the first frame.
        rows: Writer that takes the boxes.
        bar: Bar that shows the progress.
        stop: Callback that is asked before each frame; once it is true, the film ends.
    """

    def __init__(
        self,
        tracker: VideoTracker,
        footage: Footage,
        start: int,
        rows: BoxFile,
        bar: Progress[object],
        stop: Callable[[], bool],
    ) -> None:
        self._tracker, self._footage, self._start = tracker, footage, start
        self._rows, self._bar, self._stop = rows, bar, stop
        self._seconds = 0.0
        self.followed, self.lost, self.stopped = 0, 0, False
        self.broken: UserInputError | None = None

    def film(self, first: Rgb, frames: Iterator[Rgb], box: Box) -> Iterator[Rgb]:
        """The pictures of the film; `broken` tells afterwards why it ended early, if it did."""
        height, width = first.shape[:2]
        film = Film(width, height, self._tracker.has_location)
        self._tracker.init(first, box)
        yield self._drawn(film, first, Sight(box))
        for frame in self._unbroken(frames):
            began = time.perf_counter()
            self._tracker.update(frame)
            self._seconds += time.perf_counter() - began
            yield self._drawn(film, frame, Sight.of(self._tracker))

    def summary(self) -> list[str]:
        """How it went, for people."""
        number = self._number_there_are()
        of = f" of {number}" if number else ""
        stopped = "; stopped" if self.stopped else ""
        lines = [f"followed {self.followed}{of} frames, {self.lost} of them lost{stopped}"]
        if self._seconds > 0:
            rate = (self.followed - 1) / self._seconds
            lines.append(f"tracker  {rate:.0f} frames a second (without reading and drawing)")
        return lines

    def _number_there_are(self) -> str:
        """Frames from the first on; of a video known at its end only, empty if that is torn off."""
        if not self.stopped and self.broken is None:
            return str(self.followed)
        if self._footage.count:
            return str(self._footage.count - self._start)
        expected = self._footage.expected - self._start
        return f"about {expected}" if self.stopped and expected > 0 else ""

    def _unbroken(self, frames: Iterator[Rgb]) -> Iterator[Rgb]:
        """The frames that can be read, until a stop is asked for."""
        while not self._stop():
            try:
                frame = next(frames, None)
            except UserInputError as error:
                self.broken = error
                return
            if frame is None:
                return
            yield frame
        self.stopped = True

    def _drawn(self, film: Film, frame: Rgb, sight: Sight) -> Rgb:
        index = self._start + self.followed
        self.followed += 1
        self.lost += sight.lost
        self._rows.add(index, sight.box, sight.confidence, sight.lost)
        self._bar.update(1, lost=self.lost)
        state = "lost" if sight.lost else "followed"
        dot = "  \N{MIDDLE DOT}  "
        return film.frame(
            frame, sight, f"frame {index}{dot}{state}{dot}confidence {sight.confidence:.2f}"
        )


def _check_outputs(options: RunOptions, boxes: Path) -> None:
    """Refuse files that cannot be or that would replace the input, before any work."""
    container_format(options.out)
    BoxFile(boxes, {})
    if boxes.is_dir():
        raise UserInputError(f"{boxes} is a folder; expected a file for the boxes")
    for path in (options.out, boxes):
        if path.resolve() == Path(options.video).resolve():
            raise UserInputError(
                f"{path} is the video itself; expected another file for the output"
            )


def _first_box(options: RunOptions, frame: Rgb) -> Box:
    """The box that was given, in the frame.

    Raises:
        UserInputError: None was given, which leaves a picture to read it off; or it cannot be one.
    """
    height, width = frame.shape[:2]
    if not options.box.strip():
        picture = options.out.with_name(f"{options.out.stem}-frame{options.start}.png")
        title = f"frame {options.start} of {Path(options.video).name}: --box x,y,w,h [pixels]"
        save_png(picture, figure_png(ruled(frame, title)))
        raise UserInputError(
            f"--box is missing; expected --box x,y,w,h of the object in frame {options.start} "
            f"({width} x {height} pixels): {picture} shows it with rulers to read them off"
        )
    try:
        values = [float(field) for field in split_fields(options.box)]
    except ValueError:
        values = []
    if len(values) != 4:
        raise UserInputError(
            f"--box is '{options.box}'; expected four numbers: x,y,w,h [pixels], as in "
            f"--box {width // 3},{height // 3},{width // 4},{height // 4}"
        )
    return check_box(values, height, width)


COMMAND = Command(RunOptions, run_apply)
