"""Weights from the Hugging Face Hub, fetched once and kept in its cache."""

from __future__ import annotations

import re
from pathlib import Path

from saccade.errors import MissingExtraError, UserInputError

PREFIX = "hf://"
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_FILES = ["*.json", "*.safetensors", "*.md"]


def repository(name: str) -> str | None:
    """Return the "user/name" that `name` means, or None where it cannot mean a repository."""
    candidate = name.removeprefix(PREFIX)
    return candidate if _REPOSITORY.fullmatch(candidate) else None


def fetch(repository: str) -> Path:
    """Return a local folder with the weights of the Hub repository "user/name".

    Raises:
        MissingExtraError: huggingface_hub is not installed.
        UserInputError: the repository cannot be reached, or holds no config.json.
    """
    try:
        import huggingface_hub  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise MissingExtraError("huggingface_hub", "hub") from error
    try:
        folder = huggingface_hub.snapshot_download(repository, allow_patterns=_FILES)
    except (
        OSError,
        ValueError,
    ) as error:  # HTTP errors, bad names
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserInputError(
            f"cannot fetch '{repository}': it is no folder here, and the Hub answered: {reason}"
        ) from error
    return Path(folder)
