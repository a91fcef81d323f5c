"""KITTI as HART was trained and tested on it (Kosiorek, Bewley and Posner, 2017, section 5.2).

`read_kitti_videos` applies the filter; here are the split of each video's frames, the chunks and
the size. Use it as

    for video in read_kitti_videos(folder):
        train, test = split_frames(video)
        for chunk in chunks(train, length=5):                        # grows with the curriculum
            sample = augment(downscale(chunk), rng)
        for chunk in chunks(test, TEST_LENGTH, complete=False):      # IoU a step, over present
            sample = downscale(chunk)

Where the publication is silent: 80% is rounded down; a step between chunks is T // 2; a training
chunk has its object in every frame; a test chunk ends early where its object leaves, and a
remainder that the chunk before holds entirely is no chunk of its own.
"""

from __future__ import annotations

from saccade.data.tracking.sequence import MultiObjectSequence, TrackingSequence, runs
from saccade.data.tracking.transforms import resize
from saccade.errors import UserInputError

IMAGE_SIZE = (621, 187)
"""Size (width, height) of a frame [px]: half of KITTI's usual 1242 x 375."""

TRAIN_PERCENT = 80
TEST_LENGTH = 60


def split_frames(
    video: MultiObjectSequence, train_percent: int = TRAIN_PERCENT
) -> tuple[MultiObjectSequence, MultiObjectSequence]:
    """The first frames of a video for training, the rest for the test.

    Raises:
        UserInputError: One of the two would have no frames.
    """
    # In whole numbers: 0.8 x 10 frames must be 8, whatever the rounding of 0.8.
    n_train = video.n_frames * train_percent // 100
    if not 0 < n_train < video.n_frames:
        raise UserInputError(
            f"{train_percent}% of the {video.n_frames} frames of {video.name} is {n_train}; "
            "expected frames for both training and test"
        )
    return video.clip(0, n_train), video.clip(n_train, video.n_frames)


def chunks(
    video: MultiObjectSequence, length: int, complete: bool = True
) -> list[TrackingSequence]:
    """Cut every track into pieces of `length` frames that overlap by half.

    Args:
        video: Part of `split_frames`.
        length: Frames of a piece, T: at least 2.
        complete: Whether shorter pieces are left out (training) or kept from 2 frames (test).
    """
    return [
        track.clip(start, stop)
        for track in video.tracks()
        for run in runs(track.present)
        for start, stop in chunk_ranges(*run, length, complete)
    ]


def chunk_ranges(start: int, stop: int, length: int, complete: bool) -> list[tuple[int, int]]:
    """The (start, stop) of the chunks of one run of frames; arguments as of `chunks`.

    Raises:
        UserInputError: `length` is below 2.
    """
    if length < 2:
        raise UserInputError(f"chunk length is {length}; expected at least 2 frames")
    step = length // 2
    if complete:
        return [(a, a + length) for a in range(start, stop - length + 1, step)]
    if stop - start < 2:
        return []
    last = max(start + 1, stop - length + step)
    return [(a, min(a + length, stop)) for a in range(start, last, step)]


def downscale(sequence: TrackingSequence, box_scale: float | None = None) -> TrackingSequence:
    """The sequence at 621 x 187 px.

    Boxes are halved, as published, where half the frame's size is 621 x 187 but for a fraction of
    a pixel. Some videos are 1224 to 1241 px wide; there boxes shrink as the picture does, or they
    would stand up to 9 px beside their objects. `box_scale` forces a factor everywhere.
    """
    width, height = sequence.size
    if box_scale is None and (width // 2, height // 2) == IMAGE_SIZE:
        box_scale = 0.5
    return resize(sequence, IMAGE_SIZE, None if box_scale is None else (box_scale, box_scale))
