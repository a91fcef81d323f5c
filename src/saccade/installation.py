"""How this copy of Saccade came here: the line that installs an extra, and what stands in its way.

The distribution is called `saccade-robotics`, because PyPI's `saccade` is somebody else's program;
the import and the command are `saccade`.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import shlex
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

VERSION = "0.1.0"
DISTRIBUTION = "saccade-robotics"
NOT_OURS = "saccade"
"""The distribution whose package would lie over ours (a checkout of ours had that name once)."""
_PACKAGE = Path(__file__).resolve().parent
_NO_EXTRAS = ("all", "dev")
"""Extras that are groups of others, or for development."""


def install_line(extra: str = "") -> str:
    """Return the line that installs an extra beside this very copy, by this very Python.

    From a checkout it names the checkout and its constraints; from a wheel or a repository's URL
    that pip noted, these; otherwise the name on the package index.
    """
    wanted = f"[{extra}]" if extra else ""
    root = checkout()
    if root is not None:
        limits = root / "constraints.txt"
        return f'{_pip()} install -c {_quoted(limits)} -e "{root}{wanted}"'
    url = _origin()
    return f'{_pip()} install "{DISTRIBUTION}{wanted}{f" @ {url}" if url else ""}"'


def checkout() -> Path | None:
    """Return the root of the checkout that this code runs from; None if it is installed."""
    root = _PACKAGE.parent.parent
    if _PACKAGE.parent.name != "src" or not (root / "pyproject.toml").is_file():
        return None
    return root


def extras() -> dict[str, list[str]]:
    """Return the distributions that each extra asks for, `dev` and `all` left out.

    Empty where neither a checkout nor the metadata of an installed wheel says so.
    """
    root = checkout()
    wanted = _metadata_extras() if root is None else _project_extras(root / "pyproject.toml")
    return {extra: names for extra, names in wanted.items() if extra not in _NO_EXTRAS}


def foreign_distribution() -> str:
    """Return name, version and summary of an installed distribution `saccade`, "" without one."""
    try:
        found = importlib.metadata.metadata(NOT_OURS)
    except importlib.metadata.PackageNotFoundError:
        return ""
    return f"{NOT_OURS} {found['Version']} ({found.json.get('summary', 'no summary')})"


def shadowing_package() -> Path | None:
    """Return another package `saccade` on Python's path, which `import saccade` may find first."""
    for entry in sys.path:
        init = Path(entry or ".").resolve() / "saccade" / "__init__.py"
        if init.is_file() and init.parent.resolve() != _PACKAGE:
            return init.parent
    return None


def is_overwritten() -> bool:
    """Whether an installed distribution `saccade` has put files of its own into this package."""
    try:
        files = importlib.metadata.distribution(NOT_OURS).files or []
    except importlib.metadata.PackageNotFoundError:
        return False
    return any(Path(str(file.locate())).resolve().is_relative_to(_PACKAGE) for file in files)


def _pip() -> str:
    """`pip`, if that is the one of this Python; otherwise this Python's, by its path."""
    found = shutil.which("pip")
    if found is not None and Path(found).parent == Path(sys.executable).parent:
        return "pip"
    return f"{_quoted(Path(sys.executable))} -m pip"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _origin() -> str:
    """The address that pip installed this copy from; "" where that was a package index."""
    try:
        noted = importlib.metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return ""
    origin: dict[str, Any] = json.loads(noted) if noted else {}
    url, versioned = origin.get("url", ""), origin.get("vcs_info", {})
    if url.startswith("file:") and not Path(url.removeprefix("file://")).exists():
        return ""
    return f"{versioned['vcs']}+{url}@{versioned['commit_id']}" if versioned else url


def _project_extras(file: Path) -> dict[str, list[str]]:
    groups = tomllib.loads(file.read_text())["project"]["optional-dependencies"]
    return {extra: [_name(line) for line in lines] for extra, lines in groups.items()}


def _metadata_extras() -> dict[str, list[str]]:
    """The extras from lines such as `ray>=2.40; extra == 'scale'`."""
    try:
        description = importlib.metadata.metadata(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return {}
    wanted: dict[str, list[str]] = {e: [] for e in description.get_all("Provides-Extra") or []}
    for line in description.get_all("Requires-Dist") or []:
        for extra in re.findall(r"extra == ['\"]([\w-]+)['\"]", line):
            wanted[extra].append(_name(line))
    return wanted


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].replace("_", "-").lower()
