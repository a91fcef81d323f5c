from __future__ import annotations

import json
from typing import Any, Literal, NotRequired, TypedDict

import pytest

from saccade.storage.json_schema import check_json


class Mean(TypedDict):
    value: float | None
    ends: NotRequired[tuple[float, float]]


class Document(TypedDict):
    name: str
    kind: Literal["a", "b"]
    count: int
    mean: Mean
    rows: list[Mean]
    counts: NotRequired[dict[str, int]]
    made: NotRequired[bool]
    more: NotRequired[Any]
    files: NotRequired[str | list[str]]


GOOD: dict[str, Any] = {
    "name": "x", "kind": "a", "count": 2, "mean": {"value": 1, "ends": [0.5, 2]},
    "rows": [{"value": None}], "unknown": {"to": "us"}, "counts": {"a": 1}, "made": True,
    "more": [{}], "files": ["a", "b"],
}  # fmt: skip


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    document = json.loads(json.dumps(GOOD))
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    "document",
    [
        GOOD,
        changed(("counts",), ...),
        changed(("files",), "one"),
        changed(("mean", "ends"), ...),
        changed(("rows",), []),
        changed(("more",), None),
    ],
)
def test_what_is_declared_passes(document: dict[str, Any]) -> None:
    check_json(document, Document)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("name",), 3, "name is 3; expected a text"),
        (("name",), ..., "name is missing; expected a text"),
        (("kind",), "c", "kind is 'c'; expected one of a, b"),
        (("count",), True, "count is True; expected a whole number"),
        (("count",), 2.0, "count is 2.0; expected a whole number"),
        (("count",), 10**13, "count is 10000000000000; expected a whole number"),
        (("mean",), [1], r"mean is \[1\]; expected an object"),
        (("mean", "value"), "1", "mean.value is '1'; expected a number or null"),
        (("mean", "value"), 1e300, "mean.value is 1e[+]300; expected a number or null"),
        (("mean", "value"), float("nan"), "mean.value is nan; expected a number or null"),
        (("mean", "ends"), [1], "mean.ends has 1 items; expected 2"),
        (("mean", "ends"), [1, None], r"mean.ends\[1\] is None; expected a number"),
        (("rows",), {}, "rows is {}; expected a list"),
        (("rows", 0), 1, r"rows\[0\] is 1; expected an object"),
        (("rows", 0, "value"), [], r"rows\[0\].value is \[\]; expected a number or null"),
        (("counts", "a"), None, "counts.'a' is None; expected a whole number"),
        (("made",), 1, "made is 1; expected true or false"),
        (("files",), 1, "files is 1; expected a text or a list"),
        (("files", 1), 1, r"files\[1\] is 1; expected a text"),
    ],
)
def test_what_is_wrong_is_named(path: tuple[Any, ...], value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=f"^{says}$"):
        check_json(changed(path, value), Document)


def test_what_is_no_object_is_said_of_the_document() -> None:
    with pytest.raises(ValueError, match=r"the document is \[\]; expected an object"):
        check_json([], Document)
