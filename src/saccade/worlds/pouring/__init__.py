"""Pouring from one cup into another, seen from several sides at once."""

from saccade.worlds.pouring.config import PouringConfig
from saccade.worlds.pouring.labels import ATTRIBUTES
from saccade.worlds.pouring.plan import PHASES
from saccade.worlds.pouring.record import PouringSequence, record_sequence

__all__ = ["ATTRIBUTES", "PHASES", "PouringConfig", "PouringSequence", "record_sequence"]
