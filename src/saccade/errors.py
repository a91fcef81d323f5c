"""Every error that Saccade raises on purpose. The command line prints the message as one line."""

from __future__ import annotations

from saccade.installation import install_line


class SaccadeError(Exception):
    """Root of all errors raised on purpose; the message is one line."""

    exit_code = 1


class UserInputError(SaccadeError):
    """A user's mistake: the message says what was given, what was expected, the valid choices."""

    exit_code = 2


class DamagedFileError(UserInputError):
    """A weights, scenario, dataset or run file that cannot be read as what it claims to be."""


class MissingExtraError(UserInputError):
    """An optional dependency is missing; the message ends with the line that installs its extra."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"{module} is not installed; run: {install_line(extra)}")


class StorageError(SaccadeError):
    """The disk refused a write (full, read-only); what was written before stays intact."""

    exit_code = 2


class FolderInUseError(UserInputError):
    """Another process writes to the folder; the message says which, and since when."""


class TrainingDivergedError(SaccadeError):
    """A loss or gradient became NaN or infinite; names the step and the batch."""
