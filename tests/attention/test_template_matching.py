"""Similarities against their definition, cell by cell."""

from __future__ import annotations

import torch

from saccade.attention.template_matching import similarity, unit_cells


def test_each_similarity_is_the_cosine_of_two_cells() -> None:
    generator = torch.Generator().manual_seed(0)
    first, maps = torch.randn(2, 2, 5, 3, 4, generator=generator)
    alike = similarity(maps, unit_cells(first))
    assert alike.shape == (2, 12, 3, 4)
    for n, cell, row, column in ((0, 0, 0, 0), (1, 7, 2, 3), (0, 11, 1, 2)):
        expected = torch.cosine_similarity(
            maps[n, :, row, column], first[n, :, cell // 4, cell % 4], dim=0
        )
        torch.testing.assert_close(alike[n, cell, row, column], expected)


def test_a_shifted_map_matches_where_it_went() -> None:
    maps = torch.randn(1, 16, 4, 4, generator=torch.Generator().manual_seed(0))
    alike = similarity(maps.roll(1, dims=3), unit_cells(maps))
    best = alike.flatten(2).argmax(dim=2)[0].view(4, 4)
    there = torch.arange(16).view(4, 4).roll(-1, dims=1)  # cell (r, c) is found at (r, c + 1)
    assert torch.equal(best, there)


def test_empty_cells_are_like_nothing() -> None:
    template = unit_cells(torch.ones(1, 3, 2, 2))
    assert torch.equal(similarity(torch.zeros(1, 3, 2, 2), template), torch.zeros(1, 4, 2, 2))
