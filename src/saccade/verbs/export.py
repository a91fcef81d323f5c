"""`saccade export SYSTEM`: networks as ONNX files, for programs that have no PyTorch.

What a file expects and gives is in its metadata. Every file is run once by ONNX Runtime before it
appears, and must give what PyTorch gives.
"""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from saccade.errors import MissingExtraError, SaccadeError, UserInputError
from saccade.installation import VERSION
from saccade.storage.files import make_folder, write_whole
from saccade.verbs.command import Command
from saccade.verbs.lookup import weights_folder

ENDING = ".onnx"
TOLERANCE = 1e-4
"""Largest difference to PyTorch's numbers, relative for those above 1: their sums round."""


@dataclass(frozen=True)
class ExportOptions:
    """Write networks as ONNX files, which ONNX Runtime and other engines run.

    Attributes:
        out: File to write, .onnx; further networks of the system go beside it.
        weights: Name of shipped weights, a folder or file of weights, a run, or a Hub repository;
            the shipped weights if not given.
    """

    out: Path
    weights: str = ""


@dataclass(frozen=True)
class Part:
    """A network that becomes a file.

    Attributes:
        suffix: Suffix of the file's name after that of `--out`.
        network: Network, ready for inference; takes the inputs by position.
        about: Description of what the network does.
        inputs: Example of each input, by name; what goes from call to call has a real value.
        outputs: Names of the network's outputs.
        meanings: Meanings of the inputs and outputs, by name: axes, units, ranges.
        batched: Whether the first axis of every input and output may have any length.
    """

    suffix: str
    network: nn.Module
    about: str
    inputs: Mapping[str, Tensor]
    outputs: Sequence[str]
    meanings: Mapping[str, str]
    batched: bool = False


OptionsT = TypeVar("OptionsT", bound=ExportOptions)


@dataclass(frozen=True)
class Export(Generic[OptionsT]):
    """How a system's networks are exported.

    Attributes:
        system: Name of the system.
        options: Class of the options.
        parts: Function that gives the networks to export of the weights in a folder.
    """

    system: str
    options: type[OptionsT]
    parts: Callable[[Path, OptionsT], Sequence[Part]]

    def command(self) -> Command:
        """The command `saccade export SYSTEM`."""
        return Command(self.options, self.run)

    def run(self, options: OptionsT) -> int:
        """Export, and say what was written and what it expects."""
        if options.out.suffix != ENDING:
            raise UserInputError(f"--out is {options.out}; expected a name that ends in {ENDING}")
        runtime = _require("onnxruntime")
        for needed in ("onnx", "onnxscript"):
            _require(needed)
        for part in self.parts(weights_folder(options.weights, self.system), options):
            path = options.out.with_name(f"{options.out.stem}{part.suffix}{ENDING}")
            content = to_onnx(part, {"system": self.system, "saccade": VERSION})
            difference = largest_difference(part, runtime.InferenceSession(content))
            if not difference <= TOLERANCE:
                raise SaccadeError(
                    f"{path.name} was not written: it differs from PyTorch by {difference:.1e}; "
                    f"expected at most {TOLERANCE:g}"
                )
            make_folder(path.parent)
            write_whole(path, content)
            print(f"{path}  {len(content) / 1e6:.2f} MB, within {difference:.1e} of PyTorch")
            print(f"  {part.about}")
            for name in (*part.inputs, *part.outputs):
                print(f"  {'in ' if name in part.inputs else 'out'}  {name}: {part.meanings[name]}")
        return 0


def to_onnx(part: Part, facts: Mapping[str, str]) -> bytes:
    """A network as the content of an ONNX file, with its description in the metadata.

    Args:
        part: Network to export.
        facts: Further metadata of the file.
    """
    free = {0: torch.export.Dim("n")} if part.batched else None
    # By position: the parameters of a network may be called otherwise than its inputs.
    axes = tuple(free for _ in part.inputs)
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            part.network,
            tuple(part.inputs.values()),
            dynamo=True,
            dynamic_shapes=axes if part.batched else None,
            input_names=list(part.inputs),
            output_names=list(part.outputs),
            verbose=False,
        )
    assert program is not None
    program.model.metadata_props.update(
        facts, about=part.about, **{name: part.meanings[name] for name in part.meanings}
    )
    return program.model_proto.SerializeToString()


def largest_difference(part: Part, session: Any) -> float:
    """Largest difference between PyTorch's outputs and those of a session of ONNX Runtime.

    A batched network is asked with twice as many rows as it was exported with.
    """
    given = dict(part.inputs)
    if part.batched:
        given = {name: torch.cat([value, value.flip(0)]) for name, value in given.items()}
    with torch.no_grad():
        wanted = part.network(*given.values())
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    found = session.run(None, {name: value.numpy() for name, value in given.items()})
    return max(_difference(a.numpy(), b) for a, b in zip(wanted, found, strict=True))


def _difference(wanted: np.ndarray, found: np.ndarray) -> float:
    if wanted.shape != found.shape:
        return float("inf")
    return float(np.max(np.abs(found - wanted) / np.maximum(np.abs(wanted), 1.0), initial=0.0))


def _require(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(module, "export") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks on itself: they are many, and say nothing to its user."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
