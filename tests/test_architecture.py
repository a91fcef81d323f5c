from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src" / "saccade").rglob("*.py"))


def test_arrows_point_one_way():
    lint_imports = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", lint_imports, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["utils", "util", "common", "helpers", "misc"])
def test_no_drawer_for_odds_and_ends(name):
    assert not [file for file in SOURCES if name in (file.stem, file.parent.name)]
