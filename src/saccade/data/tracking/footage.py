"""A user's own video, or folder of images, as frames that are read one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from saccade.data.tracking.annotation import image_frames
from saccade.data.tracking.frames import ImageFrames, Rgb
from saccade.data.video import count_packets, read_video, video_facts
from saccade.errors import DamagedFileError, UserInputError

IMAGES_PER_SECOND = 25.0
"""Rate of images in a folder, and of videos that do not say how fast frames follow."""


@dataclass(frozen=True)
class Footage:
    """A source of frames. Make one with `open_footage`.

    Attributes:
        path: The video, or the folder of images.
        fps: Frames a second.
        expected: Frames that it holds; of a video about so many, for it ends where decoding ends.
        images: The files of a folder; None for a video.
    """

    path: Path
    fps: float
    expected: int
    images: ImageFrames | None = None

    @property
    def count(self) -> int:
        """Number of frames where that is known before they are read: of images; 0 of a video."""
        return 0 if self.images is None else self.expected

    def frames(self, start: int = 0) -> Iterator[Rgb]:
        """Frame `start` and those after it, uint8 RGB; at any moment one of them is in memory.

        Raises:
            UserInputError: There is no frame `start`, or a picture is not opaque or not of a depth
                that can be read.
            DamagedFileError: A frame cannot be read or is of another size than the first; the
                frames before it have been given.
        """
        if start < 0 or (self.count and start >= self.count):
            raise self._no_frame(start, self.expected)
        if self.images is not None:
            return (self.images.read(index) for index in range(start, self.count))
        return self._decoded(start)

    def _decoded(self, start: int) -> Iterator[Rgb]:
        shown, size = 0, None
        for image in read_video(self.path):
            size = size or image.shape[:2]
            if image.shape[:2] != size:
                raise DamagedFileError(
                    f"frame {shown} of {self.path} is {image.shape[1]} x {image.shape[0]} pixels; "
                    f"expected {size[1]} x {size[0]}, as the first frame"
                )
            shown += 1
            if shown > start:
                yield image
        if shown <= start:
            raise self._no_frame(start, shown)

    def _no_frame(self, start: int, count: int) -> UserInputError:
        return UserInputError(
            f"--start is {start}; {self.path} has the frames 0 to {max(count - 1, 0)}"
        )


def open_footage(path: Path) -> Footage:
    """The footage of `path`; whether a video breaks off is told by reading it.

    Raises:
        UserInputError: There is no such file or folder.
        DamagedFileError: It is no video; or a folder that lacks a frame, or holds none.
    """
    if path.is_dir():
        images = image_frames(path)
        return Footage(path, IMAGES_PER_SECOND, len(images), images)
    if not path.exists():
        raise UserInputError(f"{path} does not exist; expected a video or a folder of images")
    fps = video_facts(path).fps or IMAGES_PER_SECOND
    return Footage(path, fps, count_packets(path))
