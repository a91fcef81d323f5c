from __future__ import annotations

import numpy as np

from saccade.data.heightmaps import pack_heightmap, unpack_heightmap


def test_a_heightmap_survives_packing_to_half_a_tenth_of_a_millimetre() -> None:
    heights = np.random.default_rng(0).uniform(0, 0.3, (24, 40)).astype(np.float32)
    again = unpack_heightmap(pack_heightmap(heights), (24, 40))
    assert again.dtype == np.float32
    np.testing.assert_allclose(again, heights, rtol=0, atol=0.5001e-4)


def test_multiples_of_a_tenth_of_a_millimetre_survive_exactly_enough_to_pack_to_the_same() -> None:
    heights = (np.arange(600, dtype=np.float32) * np.float32(1e-4)).reshape(20, 30)
    packed = pack_heightmap(heights)
    assert pack_heightmap(unpack_heightmap(packed, (20, 30))) == packed


def test_heights_below_the_table_become_the_table_not_a_tower() -> None:
    heights = np.array([[-0.003, 0.0], [0.01, 9.0]], np.float32)
    again = unpack_heightmap(pack_heightmap(heights), (2, 2))
    np.testing.assert_allclose(again, [[0.0, 0.0], [0.01, 6.5535]], atol=1e-6)


def test_an_empty_table_takes_a_few_hundred_bytes() -> None:
    assert len(pack_heightmap(np.zeros((224, 224), np.float32))) < 1000
