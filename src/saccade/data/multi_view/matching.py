"""Views and labels as they were found, matched into a sequence, or refused with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from saccade.data.multi_view.content import check_content
from saccade.data.multi_view.sequence import Labels, MultiViewSequence
from saccade.data.tracking.frames import Frames, FrameView
from saccade.errors import UserInputError
from saccade.left_out import LeftOut, attempt
from saccade.wording import counted


@dataclass(frozen=True, eq=False)
class Found:
    """What a dataset holds of one demonstration.

    Attributes:
        name: Name of the demonstration.
        place: File that it is in, to tell it from others of the same name.
        views: The pictures of each view by its number; the lengths may differ.
        labels: Classes of the frames by name, "phase" among them; the lengths may differ.
        stated: Number of frames that the file says there are, if it says one.
    """

    name: str
    place: str
    views: dict[int, Frames]
    labels: dict[str, Labels] = field(default_factory=dict)
    stated: int | None = None


def match(found: Sequence[Found | LeftOut], tolerance: int) -> list[MultiViewSequence | LeftOut]:
    """The sequences, in the order found; all that are not left out have the same views.

    Args:
        found: What was found.
        tolerance: Frames by which the views and labels of one may differ in length.
    """
    named = _named_apart(found)
    usual = _usual_views(one for one in named if isinstance(one, Found) and len(one.views) > 1)
    return [
        one
        if isinstance(one, LeftOut)
        else attempt(one.name, partial(_sequence, one, usual, tolerance))
        for one in named
    ]


def _named_apart(found: Sequence[Found | LeftOut]) -> list[Found | LeftOut]:
    """The same, with the place in the names of those whose name another has."""
    count = Counter(one.name for one in found)
    named: list[Found | LeftOut] = []
    taken: Counter[str] = Counter()
    for one in found:
        if isinstance(one, Found) and count[one.name] > 1:
            name = f"{one.place}/{one.name}"
            taken[name] += 1
            one = replace(one, name=name if taken[name] == 1 else f"{name} ({taken[name]})")
        named.append(one)
    return named


def _usual_views(found: Iterable[Found]) -> tuple[int, ...]:
    """The numbers of the views that most have; of several such sets the largest."""
    count = Counter(tuple(sorted(one.views)) for one in found)
    return max(count, key=lambda views: (count[views], len(views), views), default=())


def _sequence(found: Found, usual: tuple[int, ...], tolerance: int) -> MultiViewSequence:
    """The sequence, its views and labels trimmed to the shortest.

    Raises:
        UserInputError: The views are too few, other than usual, too different in length, or show
            nothing; or labels do not match them.
        DamagedFileError: A picture cannot be read.
    """
    numbers = tuple(sorted(found.views))
    if len(numbers) < 2:
        one = f"view {numbers[0]} alone" if numbers else "no view"
        raise UserInputError(f"it has {one}; expected two or more")
    if numbers != usual:
        raise UserInputError(
            f"it has the views {_listed(numbers)}; the others have {_listed(usual)}"
        )
    n = _shared_length(found, tolerance)
    views = tuple(_first(found.views[number], n) for number in numbers)
    labels = {name: values[:n] for name, values in found.labels.items()}
    phases = labels.pop("phase", None)
    sequence = MultiViewSequence(found.name, views, phases, labels)
    for number, view in zip(numbers, views, strict=True):
        try:
            check_content(view, f"view {number}")
        finally:
            view.release()  # of thousands of videos, all open at a time
    return sequence


def _shared_length(found: Found, tolerance: int) -> int:
    """Frames of the shortest view or list of labels.

    Raises:
        UserInputError: It is shorter than another by more than the tolerance, or than two frames.
    """
    lengths = {f"view {number}": len(found.views[number]) for number in sorted(found.views)}
    lengths |= {name: len(labels) for name, labels in found.labels.items()}
    lengths |= {} if found.stated is None else {"len": found.stated}
    shortest, longest = (choose(lengths, key=lambda name: lengths[name]) for choose in (min, max))
    n = lengths[shortest]
    if lengths[longest] - n > tolerance:
        raise UserInputError(
            f"its parts differ in length: {longest} has {counted(lengths[longest], 'frame')} and "
            f"{shortest} {n}; expected at most {counted(tolerance, 'frame')} between them"
        )
    if n < 2:
        raise UserInputError(f"it has {counted(n, 'frame')}; expected two or more")
    return n


def _first(frames: Frames, n: int) -> Frames:
    return frames if len(frames) == n else FrameView(frames, range(n))


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
