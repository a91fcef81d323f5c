from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from saccade import cli
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.presets import smoke_preset
from saccade.systems.hart.train import start_run
from saccade.systems.hart.weights import save_tracker
from saccade.verbs import lookup
from saccade.verbs.weights import RUN_WEIGHTS


class Hub:
    """Stands for huggingface_hub; remembers what was uploaded."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal, self.made, self.uploaded = refusal, [], {}

    def HfApi(self) -> Hub:
        return self

    def create_repo(self, name: str, exist_ok: bool) -> None:
        if self.refusal:
            raise PermissionError(self.refusal)
        assert exist_ok
        self.made.append(name)

    def upload_folder(
        self, repo_id: str, folder_path: Path, revision: str | None, commit_message: str
    ) -> Any:
        files = {path.name: path.read_bytes() for path in folder_path.iterdir()}
        self.uploaded[repo_id, revision] = files
        return SimpleNamespace(commit_url=f"https://hub/{repo_id}/commit/1")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    smoke = smoke_preset()
    folder = start_run(tmp_path / "run", smoke, seed=3).folder
    save_tracker(folder / RUN_WEIGHTS, smoke, build_tracker(smoke))
    monkeypatch.setattr(lookup, "WEIGHTS", tmp_path / "shipped")
    return folder


def test_weights_and_card_go_to_the_hub_and_nowhere_else(run, tmp_path, monkeypatch, capsys):
    hub = Hub()
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    assert cli.main(["ship", str(run), "--hub", "user/name@next"]) == 0
    files = hub.uploaded["user/name", "next"]
    assert hub.made == ["user/name"]
    assert set(files) == {"model.safetensors", "config.json", "README.md"}
    assert files["model.safetensors"] == (run / RUN_WEIGHTS / "model.safetensors").read_bytes()
    assert not (tmp_path / "shipped").exists()
    said = capsys.readouterr().out
    assert "https://hub/user/name/commit/1" in said
    assert "saccade eval hart --weights hf://user/name@next" in said


def test_a_folder_beside_the_hub_is_kept(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", Hub())
    assert cli.main(["ship", str(run), "--hub", "user/name", "--to", str(tmp_path / "to")]) == 0
    assert (tmp_path / "to" / "README.md").exists()


@pytest.mark.parametrize(
    ("name", "module", "message"),
    [
        ("name", Hub(), "--hub is name; expected user/name"),
        ("user/name", None, "huggingface_hub is not installed; run: "),
        ("user/name", Hub("401\nwho?"), "the Hub answered: 401; log in with: hf auth login"),
    ],
)
def test_what_cannot_be_uploaded_costs_one_line(run, monkeypatch, capsys, name, module, message):
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    assert cli.main(["ship", str(run), "--hub", name]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
