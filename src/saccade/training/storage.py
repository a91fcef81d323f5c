"""Former place of what `saccade.files`, `saccade.folders` and `saccade.json_files` hold."""

from saccade.files import make_folder, storage_errors
from saccade.folders import atomic_folder, existing_folder
from saccade.json_files import plain_json, read_json, write_json

__all__ = [
    "atomic_folder",
    "existing_folder",
    "make_folder",
    "plain_json",
    "read_json",
    "storage_errors",
    "write_json",
]
