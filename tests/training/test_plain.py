from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from saccade.checks import check_sizes
from saccade.errors import DamagedFileError
from saccade.training.plain import from_plain, to_plain


@dataclass(frozen=True)
class Inner:
    widths: int | tuple[int, ...] = 3
    name: str = "x"

    kind: Literal["a", "b"] = "a"

    def __post_init__(self) -> None:
        check_sizes(self, "widths")


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
        Outer(pair=(1, 2)),
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


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1], r"c holds settings \[1\]; expected an object"),
        ({"flag": 1}, "c has flag 1; expected true or false"),
        ({"flag": "yes"}, "flag 'yes'; expected true or false"),
        ({"pair": [1.0]}, r"pair \[1.0\]; expected a list of 2"),
        ({"pair": [1.0, True]}, "pair True; expected a number"),
        ({"pair": [1.0, "2"]}, "pair '2'; expected a number"),
        ({"pair": [1.0, 1e300]}, r"pair 1e\+300; expected a number"),
        ({"pair": 3}, "pair 3; expected a list of 2"),
        ({"inner": None}, "inner None; expected an object"),
        ({"maybe": 3}, "maybe 3; expected an object or null"),
        ({"inner": {"name": 1}}, "name 1; expected a text"),
        ({"inner": {"kind": "c"}}, "kind 'c'; expected one of a, b"),
        ({"inner": {"widths": 1.5}}, "widths 1.5; expected a whole number or a list"),
        ({"inner": {"widths": True}}, "widths True; expected a whole number or a list"),
        ({"inner": {"widths": [1, None]}}, "widths None; expected a whole number"),
        ({"inner": {"widths": 10**9}}, "c is damaged: widths is 1000000000; expected 1 to 8,192"),
        ({"inner": {"widths": [1] * 1000}}, "c is damaged: widths is "),
        ({"a" * 5000: 1}, "c has unknown settings aaaa"),
    ],
)
def test_a_value_of_another_type_or_size_is_named(values: Any, message: str) -> None:
    with pytest.raises(DamagedFileError, match=message) as caught:
        from_plain(Outer, values, "c")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300
