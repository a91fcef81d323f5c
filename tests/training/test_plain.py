from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from saccade.errors import DamagedFileError
from saccade.training.plain import from_plain, to_plain


@dataclass(frozen=True)
class Inner:
    widths: int | tuple[int, ...] = 3
    name: str = "x"


@dataclass(frozen=True)
class Outer:
    inner: Inner = field(default_factory=Inner)
    maybe: Inner | None = None
    pair: tuple[float, float] = (0.5, 1.5)
    flag: bool = False


def through_json(config: Outer) -> Outer:
    return from_plain(Outer, json.loads(json.dumps(to_plain(config))), "config.json")


@pytest.mark.parametrize(
    "config",
    [
        Outer(),
        Outer(Inner((1, 2, 3)), Inner(7, "y"), (2.0, 3.0), True),
        Outer(maybe=Inner(())),
    ],
)
def test_a_configuration_survives_json(config: Outer) -> None:
    again = through_json(config)
    assert again == config
    assert type(again.inner.widths) is type(config.inner.widths)


def test_missing_settings_take_their_defaults() -> None:
    assert from_plain(Outer, {"inner": {"name": "z"}}, "c") == Outer(Inner(name="z"))


def test_an_unknown_setting_is_named_with_the_known_ones() -> None:
    with pytest.raises(DamagedFileError, match=r"c has unknown settings colour; .*name, widths"):
        from_plain(Outer, {"inner": {"colour": 1}}, "c")
