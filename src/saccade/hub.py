"""Weights from the Hugging Face Hub, fetched once and kept in its cache."""

from __future__ import annotations

import difflib
import os
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from saccade.errors import MissingExtraError, UserInputError

PREFIX = "hf://"
MOST_BYTES = 2 << 30
"""Most bytes of a repository's weights: many times those of the largest network here."""
_REPOSITORY = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(@(?P<revision>\w[\w./-]*))?", re.ASCII
)
_FILES = ["*.json", "*.safetensors", "*.md"]
_OWN_FOLDERS = ("runs", "out")
"""Folders in which Saccade puts results: a path that begins so was meant for another folder."""
_FILE_ENDINGS = (".json", ".safetensors", ".npz", ".npy", ".pt", ".html")
_NEARLY = 0.8
"""Likeness (difflib's ratio) from which a name is taken for a mistyped one."""


class Repository(NamedTuple):
    """A repository of the Hub.

    Attributes:
        name: Name of the repository, "user/name".
        revision: Branch, tag or commit; None for the newest.
    """

    name: str
    revision: str | None = None

    def __str__(self) -> str:
        return self.name + (f"@{self.revision}" if self.revision else "")


def repository(name: str) -> Repository | None:
    """Return what "hf://user/name@revision" means, also without its ends; None where nothing."""
    match = _REPOSITORY.fullmatch(name.removeprefix(PREFIX))
    return Repository(match["name"], match["revision"]) if match else None


def may_be_a_path(name: str) -> bool:
    """Whether "user/name" might be meant for a file or folder of this disk, mistyped perhaps."""
    first, _, last = name.partition("/")
    if first in _OWN_FOLDERS or last.endswith(_FILE_ENDINGS):
        return True
    try:
        here = os.listdir()
    except OSError:  # the working directory is gone, and every path from it
        return False
    names = [entry.lower() for entry in here]
    return bool(difflib.get_close_matches(first.lower(), names, n=1, cutoff=_NEARLY))


def fetch(repository: Repository) -> Path:
    """Return a local folder with the weights of a Hub repository.

    Without a network, what was fetched before is found in the Hub's cache.

    Raises:
        MissingExtraError: huggingface_hub is not installed.
        UserInputError: The repository cannot be reached, or its weights are too large.
    """
    huggingface_hub = require_hub()
    name, revision = repository
    download = huggingface_hub.snapshot_download
    try:
        info = huggingface_hub.HfApi().model_info(name, revision=revision, files_metadata=True)
    except Exception as error:  # noqa: BLE001 - its versions raise classes of several HTTP clients
        try:
            kept = download(name, revision=revision, allow_patterns=_FILES, local_files_only=True)
        except Exception:  # noqa: BLE001
            raise _unreachable(repository, error) from error
        return Path(kept)
    _check_size(repository, info)
    try:
        # The very commit whose size was looked at.
        return Path(download(name, revision=info.sha, allow_patterns=_FILES))
    except Exception as error:
        raise _unreachable(repository, error) from error


def publish(repository: Repository, folder: Path, message: str) -> str:
    """Upload a folder of weights, with its card; a repository that does not exist is made.

    Args:
        repository: Repository to upload to; its revision is a branch that exists.
        folder: Folder that is uploaded.
        message: Message of the commit.

    Returns:
        The address of the commit.

    Raises:
        MissingExtraError: huggingface_hub is not installed.
        UserInputError: The Hub refuses: nobody is logged in, or the name is somebody else's.
    """
    api = require_hub().HfApi()
    name, revision = repository
    try:
        api.create_repo(name, exist_ok=True)
        done = api.upload_folder(
            repo_id=name,
            folder_path=folder,
            revision=revision,
            commit_message=message,
        )
    except Exception as error:
        raise UserInputError(
            f"cannot upload to '{repository}': the Hub answered: {_reason(error)}; log in with: "
            "hf auth login (or set HF_TOKEN)"
        ) from error
    return str(done.commit_url)


def require_hub() -> Any:
    """The module huggingface_hub.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import huggingface_hub  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise MissingExtraError("huggingface_hub", "hub") from error
    return huggingface_hub


def _reason(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__


def _check_size(repository: Repository, info: Any) -> None:
    wanted = [f for f in info.siblings or () if any(fnmatch(f.rfilename, p) for p in _FILES)]
    size = sum(file.size or 0 for file in wanted)
    if size > MOST_BYTES:
        raise UserInputError(
            f"the weights of '{repository}' on the Hub have {size:,} bytes; "
            f"expected at most {MOST_BYTES:,}"
        )


def _unreachable(repository: Repository, error: Exception) -> UserInputError:
    return UserInputError(
        f"cannot fetch '{repository}': it is no folder here, and the Hub answered: {_reason(error)}"
    )
