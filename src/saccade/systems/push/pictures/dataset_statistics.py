"""What a dataset of pushes holds, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from saccade.data.push_episodes import BOXED, GROUNDED, NOT_LEFT, PushEpisode
from saccade.viewing.tables import Cell
from saccade.worlds.push_box.rewards import report_changed

COLUMNS = ("episodes", "pushes", "changed %", "boxed %", "dropped %", "refused %")


@dataclass
class PushCounts:
    """Counts over recorded pushes.

    Attributes:
        episodes: Number of episodes.
        pushes: Number of pushes.
        changed: Number that changed the scene: by the report's test, or an object left the table.
        boxed: Number of pushes that put an object into the box.
        dropped: Number of pushes that dropped an object to the ground.
        refused: Number of pushes that the arm could not reach.
        sources: Number of pushes by how they were chosen.
    """

    episodes: int = 0
    pushes: int = 0
    changed: int = 0
    boxed: int = 0
    dropped: int = 0
    refused: int = 0
    sources: Counter[str] = field(default_factory=Counter)

    def cells(self) -> list[Cell]:
        """A row of `COLUMNS`; shares in percent of the pushes."""
        n = max(1, self.pushes)
        shares = (self.changed, self.boxed, self.dropped, self.refused)
        return [self.episodes, self.pushes, *(100 * count / n for count in shares)]


def count_pushes(episodes: Iterable[PushEpisode]) -> PushCounts:
    """Count what every push of some episodes did."""
    counts = PushCounts()
    for episode in episodes:
        counts.episodes += 1
        counts.pushes += len(episode)
        counts.refused += int(episode.refused.sum())
        counts.boxed += int((episode.left == BOXED).any(axis=1).sum())
        counts.dropped += int((episode.left == GROUNDED).any(axis=1).sum())
        counts.sources.update(episode.source)
        counts.changed += sum(changed(episode, t) for t in range(len(episode)))
    return counts


def changed(episode: PushEpisode, t: int) -> bool:
    """Whether push t of an episode changed the scene."""
    left = bool((episode.left[t] != NOT_LEFT).any())
    return left or report_changed(episode.heightmap(t), episode.heightmap(t + 1))
