from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from saccade import doctor, installation
from saccade.errors import MissingExtraError

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def make_distribution(site: Path, name: str, *, origin: object = None, files: str = "") -> None:
    """Make what pip leaves of an installed distribution with one extra."""
    folder = site / f"{name.replace('-', '_')}-9.9.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\nSummary: traces agents\n"
        "Provides-Extra: hub\nRequires-Dist: numpy>=2\n"
        'Requires-Dist: Huggingface_Hub>=0.27; extra == "hub"\n'
    )
    (folder / "RECORD").write_text(files)
    if origin is not None:
        (folder / "direct_url.json").write_text(json.dumps(origin))


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch) -> Path:
    """Pretend that Saccade was installed from a wheel into an otherwise empty environment."""
    site = tmp_path / "lib" / "site-packages"
    (site / "saccade").mkdir(parents=True)
    (site / "saccade" / "__init__.py").touch()
    monkeypatch.setattr(installation, "_PACKAGE", (site / "saccade").resolve())
    monkeypatch.setattr(sys, "path", [str(site)])
    return site


def test_from_a_checkout_the_line_names_the_checkout_and_its_constraints():
    line = installation.install_line("hub")
    assert line.endswith(f' install -c {ROOT}/constraints.txt -e "{ROOT}[hub]"')
    assert str(MissingExtraError("huggingface_hub", "hub")) == (
        f"huggingface_hub is not installed; run: {line}"
    )


def test_the_line_runs_the_pip_of_this_python(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    line = installation.install_line("hub")
    command = line.split(" install ")[0].split()
    assert command == [sys.executable, "-m", "pip"]
    assert subprocess.run([*command, "--version"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("origin", "tail"),
    [
        (None, '"saccade-robotics[hub]"'),
        (
            {"url": "https://a.b/c.git", "vcs_info": {"vcs": "git", "commit_id": "12ab"}},
            '"saccade-robotics[hub] @ git+https://a.b/c.git@12ab"',
        ),
        ({"url": "file:///gone.whl", "archive_info": {}}, '"saccade-robotics[hub]"'),
        (
            {"url": "https://a.b/c.whl", "archive_info": {}},
            '"saccade-robotics[hub] @ https://a.b/c.whl"',
        ),
    ],
)
def test_from_a_wheel_the_line_asks_where_the_wheel_came_from(wheel: Path, origin, tail: str):
    make_distribution(wheel, "saccade-robotics", origin=origin)
    assert installation.install_line("hub").endswith(f" install {tail}")


def test_the_extras_of_a_wheel_are_read_from_its_metadata(wheel: Path):
    assert installation.extras() == {}
    make_distribution(wheel, "saccade-robotics")
    assert installation.extras() == {"hub": ["huggingface-hub"]}


def test_another_saccade_beside_ours_is_a_warning_and_over_ours_a_problem(wheel: Path):
    assert doctor._package().status == "ok"
    make_distribution(wheel, "saccade", files="elsewhere/x.py,,\n")
    beside = doctor._package()
    assert beside.status == "warning"
    assert "saccade 9.9 (traces agents)" in beside.found
    assert "pip uninstall -y saccade &&" in beside.mend
    assert beside.mend.endswith('install --force-reinstall --no-deps "saccade-robotics"')
    (wheel / "saccade-9.9.dist-info" / "RECORD").write_text("saccade/__init__.py,,\n")
    assert doctor._package().status == "problem"


def test_a_folder_called_saccade_on_the_path_is_named(wheel: Path, tmp_path: Path, monkeypatch):
    (tmp_path / "saccade").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(wheel)])
    assert doctor._package().status == "ok"
    (tmp_path / "saccade" / "__init__.py").touch()
    check = doctor._package()
    assert (check.status, check.mend) == (
        "warning",
        f"remove or rename {(tmp_path / 'saccade').resolve()}",
    )


def test_an_extra_exists_where_code_uses_it():
    code = "\n".join(file.read_text() for file in (ROOT / "src").rglob("*.py"))
    used = set(re.findall(r'MissingExtraError\([^()]*"(\w+)"\)', code))
    assert used == set(installation.extras())
    (everything,) = PROJECT["optional-dependencies"]["all"]
    assert everything == f"{installation.DISTRIBUTION}[{','.join(installation.extras())}]"


def test_the_distribution_is_not_the_one_that_pypi_calls_saccade():
    assert PROJECT["name"] == installation.DISTRIBUTION
    scripts = [*ROOT.rglob("docs/*.md"), ROOT / "README.md", *(ROOT / "src").rglob("*.py")]
    assert [file for file in scripts if 'install "saccade[' in file.read_text()] == []
