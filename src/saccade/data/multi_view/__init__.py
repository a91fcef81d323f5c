"""Synchronised videos of one demonstration from several sides: read, written, kept decoded.

    dataset = open_multi_view("pouring")        # TFRecords, or NAME_view0.mp4, NAME_view1.mp4, ...
    store = FrameStore.open(dataset, side=96)   # uint8 (N, 96, 96, 3) a view
    write_sequence("copy", dataset.sequences[0], "videos")

`open_multi_view` leaves out what cannot be used, and says why in `dataset.skipped`.
"""

from saccade.data.multi_view.cache import FrameStore
from saccade.data.multi_view.dataset import MultiViewDataset, open_multi_view, write_sequence
from saccade.data.multi_view.sequence import MultiViewSequence

__all__ = [
    "FrameStore",
    "MultiViewDataset",
    "MultiViewSequence",
    "open_multi_view",
    "write_sequence",
]
