"""Origin of a result: revision, versions and machine, for `run.json` and result files."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from saccade.installation import VERSION

PACKAGES = (
    "torch", "numpy", "mujoco", "gymnasium", "opencv-contrib-python-headless",
    "opencv-python-headless", "opencv-contrib-python", "opencv-python",
)  # fmt: skip
"""Distributions whose versions are noted; OpenCV has four, of which one is installed."""


def describe_surroundings() -> dict[str, Any]:
    """Facts `started` (UTC), `git`, `python`, `versions`, `machine`, JSON-able; None: unknown."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": git_revision(),
        "python": platform.python_version(),
        "versions": {"saccade": VERSION, **{name: package_version(name) for name in PACKAGES}},
        "machine": {
            "system": platform.platform(),
            "cpu": cpu_model(),
            "cores": usable_cores(),
            "memory_bytes": memory_bytes(),
        },
    }


def git_revision() -> dict[str, Any] | None:
    """Facts `{"revision", "modified"}` of the checkout that this code is in; None if it is none.

    An installed copy inside somebody else's repository must not be taken for that repository, so
    git is asked whether it tracks this very file.
    """
    here = Path(__file__).resolve()
    if _git(here.parent, "ls-files", "--error-unmatch", here.name) is None:
        return None
    status = _git(here.parent, "status", "--porcelain", "--untracked-files=no")
    return {"revision": _git(here.parent, "rev-parse", "HEAD"), "modified": bool(status)}


def package_version(name: str) -> str | None:
    """The installed version of a distribution; None if it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def cpu_model() -> str | None:
    """The processor's name, as Linux reports it, or what Python knows elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or None
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or None


def usable_cores() -> int:
    """The number of cores that this process may use."""
    if platform.system() == "Linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_bytes() -> int | None:
    """The machine's main memory in bytes; None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        result = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() if result.returncode == 0 else None
