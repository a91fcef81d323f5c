"""Nested training state as named tensors plus JSON, and back, exactly. No pickle.

`optimizer.state_dict()`, a NumPy generator's state (128-bit integers) and a torch generator's state
(bytes) all pass through unchanged: same types, same bits, same memory format.

JSON holds scalars and lists as they are. Everything that JSON would change is an object with a
marker: `$tensor` and `$array` (the name of a tensor), `$dict` (pairs, so that integer keys stay
integers), `$tuple`, and `$float` (not a number, infinities).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from saccade.errors import DamagedFileError, UserInputError

LONGEST_REASON = 200
"""Most letters of a message about a damaged state."""


def flatten(tree: Any) -> tuple[Any, dict[str, Tensor]]:
    """Splits `tree` into a JSON-able structure and contiguous CPU tensors by name.

    The tensors are copies: they stay what they are while training goes on. A tensor that occurs
    twice is stored twice.

    Raises:
        UserInputError: Something in `tree` is neither a tensor, an array, a scalar, None, a string
            nor a dict, list or tuple of those; the message has its path.
    """
    tensors: dict[str, Tensor] = {}
    return _encode(tree, "state", tensors), tensors


def unflatten(structure: Any, tensors: dict[str, Tensor]) -> Any:
    """The tree that `flatten` was given.

    Raises:
        DamagedFileError: The structure refers to a missing tensor or has an unknown form.
    """
    try:
        return _decode(structure, tensors)
    except RecursionError as error:
        raise DamagedFileError("the training state is damaged: nested too deeply") from error
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise DamagedFileError(
            f"the training state is damaged: {type(error).__name__} {str(error)[:LONGEST_REASON]}"
        ) from error


def _encode(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        return _encode_tensor(value, path, tensors)
    if isinstance(value, np.ndarray):
        # A 0-d view keeps its shape only through reshape: as_contiguous would make it 1-d.
        contiguous = np.ascontiguousarray(value).reshape(value.shape)
        tensors[path] = torch.from_numpy(contiguous.copy())
        return {"$array": path}
    if isinstance(value, np.bool_ | np.integer | np.floating):
        return _encode(value.item(), path, tensors)
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": repr(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        pairs = [
            [_key(key, path), _encode(item, f"{path}.{key}", tensors)]
            for key, item in value.items()
        ]
        return {"$dict": pairs}
    if isinstance(value, list | tuple):
        items = [_encode(item, f"{path}.{i}", tensors) for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"$tuple": items}
    raise UserInputError(f"{path} is a {type(value).__name__}, which a checkpoint cannot hold")


def _encode_tensor(value: Tensor, path: str, tensors: dict[str, Tensor]) -> Any:
    tensor = value.detach().to("cpu")
    tensors[path] = tensor.clone(memory_format=torch.contiguous_format)
    last = torch.channels_last
    if (
        tensor.dim() == 4
        and tensor.is_contiguous(memory_format=last)
        and not tensor.is_contiguous()
    ):
        return {"$tensor": path, "format": "channels_last"}
    return {"$tensor": path}


def _key(key: Any, path: str) -> str | int:
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise UserInputError(
            f"{path} has a key {key!r}; a checkpoint holds keys that are str or int"
        )
    return key


def _decode(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_decode(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    if "$tensor" in value:
        tensor = tensors[value["$tensor"]]
        last = value.get("format") == "channels_last"
        return tensor.contiguous(memory_format=torch.channels_last) if last else tensor
    if "$array" in value:
        return tensors[value["$array"]].numpy()
    if "$float" in value:
        return float(value["$float"])
    if "$dict" in value:
        return {key: _decode(item, tensors) for key, item in value["$dict"]}
    return tuple(_decode(item, tensors) for item in value["$tuple"])
