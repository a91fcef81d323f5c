"""Videos in which an object is tracked: readers of public formats, and published protocols.

Every reader gives `TrackingSequence`: frames that are read when asked for, and a box in each.
`read_sequences("otb", folder)` reads by name (`FORMATS`), `read_video` a plain video file;
`scan_sequences` leaves out what cannot be read, with its reason, instead of raising.
"""

from saccade.data.tracking.curriculum import (
    HART_CURRICULUM,
    RATM_CURRICULUM,
    Curriculum,
    CurriculumState,
)
from saccade.data.tracking.formats import FORMATS, read_sequences, scan_sequences
from saccade.data.tracking.frames import ArrayFrames, Frames, FrameView, ImageFrames
from saccade.data.tracking.got10k import read_got10k
from saccade.data.tracking.kitti import read_kitti, read_kitti_videos
from saccade.data.tracking.kth import read_kth
from saccade.data.tracking.mot import read_mot, read_mot_videos
from saccade.data.tracking.otb import read_otb
from saccade.data.tracking.sequence import MultiObjectSequence, TrackingSequence
from saccade.data.tracking.tld import read_tld
from saccade.data.tracking.transforms import augment, mirror, resize, reverse
from saccade.data.tracking.uav123 import read_uav123
from saccade.data.tracking.video import VideoFrames, read_video
from saccade.data.tracking.vot import read_vot

__all__ = [
    "FORMATS",
    "HART_CURRICULUM",
    "RATM_CURRICULUM",
    "ArrayFrames",
    "Curriculum",
    "CurriculumState",
    "FrameView",
    "Frames",
    "ImageFrames",
    "MultiObjectSequence",
    "TrackingSequence",
    "VideoFrames",
    "augment",
    "mirror",
    "read_got10k",
    "read_kitti",
    "read_kitti_videos",
    "read_kth",
    "read_mot",
    "read_mot_videos",
    "read_otb",
    "read_sequences",
    "read_tld",
    "read_uav123",
    "read_video",
    "read_vot",
    "resize",
    "reverse",
    "scan_sequences",
]
