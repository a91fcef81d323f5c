from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gymnasium
import pytest
import tyro

import saccade
from saccade import hub, option_help, systems
from saccade.errors import DamagedFileError, MissingExtraError, UserInputError
from saccade.verbs import lookup
from saccade.verbs.command import PresetOptions
from stub_system import STUB

ROOT = Path(__file__).parent.parent
MOST_OPTIONS_AT_FIRST = 20


def modules_after(statement: str) -> set[str]:
    """Return what is imported by a statement in a fresh interpreter."""
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement", ["import saccade", "import saccade.cli", "import saccade.doctor"]
)
def test_importing_is_cheap(statement):
    imported = modules_after(statement)
    assert "saccade" in imported
    assert imported.isdisjoint({"torch", "mujoco", "cv2", "matplotlib", "av"})


def test_the_version_is_said_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert saccade.__version__ == project["version"]


def test_subpackages_are_attributes():
    assert saccade.systems is systems
    assert "worlds" in dir(saccade)
    with pytest.raises(AttributeError, match="'saccade' has no attribute 'wrlds'"):
        _ = saccade.wrlds


@pytest.mark.parametrize("world", saccade.WORLDS)
def test_every_world_is_registered_and_can_be_made(world):
    environment = gymnasium.make(world)
    try:
        assert environment.spec is not None
        assert environment.spec.id == world
    finally:
        environment.close()


@pytest.mark.parametrize("system", systems.SYSTEMS.values(), ids=lambda system: system.name)
def test_every_command_of_every_system_has_a_known_verb_and_one_line_of_help(system):
    from saccade import cli

    verbs = system.verbs()
    assert verbs
    for verb in verbs:
        assert verb in cli.VERBS
        assert dataclasses.is_dataclass(verbs[verb].options)
        assert verbs.help(verb)
        assert "\n" not in verbs.help(verb)


@pytest.mark.parametrize("system", systems.SYSTEMS.values(), ids=lambda system: system.name)
def test_the_first_screen_of_help_is_short_and_has_the_main_settings(system):
    for command in system.verbs().values():
        presets = issubclass(command.options, PresetOptions)
        default = command.options.from_preset(command.options.PRESETS[0]) if presets else None
        found = option_help.read_options(command.options, default or tyro.MISSING_NONPROP)
        assert found is not None
        first = option_help.screen(found, "saccade", "")
        for name in found.main:
            assert f"\n  --{name}" in first
        assert first.count("\n  --") <= MOST_OPTIONS_AT_FIRST


@pytest.fixture
def stub(monkeypatch, tmp_path: Path) -> Path:
    """Register the stub alone, and make `tmp_path` the folder of shipped weights."""
    monkeypatch.setattr(systems, "SYSTEMS", {"stub": STUB})
    monkeypatch.setattr(lookup, "WEIGHTS", tmp_path / "weights")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_weights(folder: Path, **description: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(description))
    (folder / "model.safetensors").write_bytes(b"")
    return folder


def test_load_by_system_name_is_the_shipped_weights(stub: Path):
    assert saccade.load("stub") == ("stub policy", None)


def test_load_by_name_of_other_shipped_weights(stub: Path):
    folder = make_weights(stub / "weights" / "stub-fast", system="stub")
    assert saccade.load("stub-fast") == ("stub policy", folder)


@pytest.mark.parametrize("file", ["", "model.safetensors"])
def test_load_a_folder_or_the_file_in_it(stub: Path, file: str):
    folder = make_weights(stub / "run", system="stub")
    assert saccade.load(folder / file) == ("stub policy", folder)


def test_load_of_nothing_lists_what_there_is(stub: Path):
    make_weights(stub / "weights" / "stub", system="stub")
    with pytest.raises(
        UserInputError, match=r"no weights 'stubb': expected a shipped name \(stub\)"
    ):
        saccade.load("stubb")


def test_a_mistyped_path_is_not_looked_up_on_the_hub(stub: Path):
    make_weights(stub / "runs" / "one", system="stub")
    with pytest.raises(UserInputError, match="no weights 'runs/two'"):
        saccade.load("runs/two")


def test_load_names_a_damaged_description(stub: Path):
    folder = make_weights(stub / "run")
    (folder / "config.json").write_text("\x00")
    with pytest.raises(DamagedFileError, match=r"config\.json"):
        saccade.load(folder)


def test_a_hub_repository_without_the_extra_names_it(stub: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    for name in ("hf://someone/push", "someone/push"):
        with pytest.raises(MissingExtraError, match=r"pip install .*\[hub\]"):
            saccade.load(name)


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("hf://a/b", ("a/b", None)),
        ("a/b", ("a/b", None)),
        ("hf://a/b@v1.0", ("a/b", "v1.0")),
        ("hf://a/b@refs/pr/1", ("a/b", "refs/pr/1")),
        ("hf://a/b@", None),
        ("hf://a/b@../c", None),
        ("a", None),
        ("./a/b", None),
        ("/a/b", None),
        ("../b", None),
        ("a/b/c", None),
        ("hf://a", None),
        ("hf://а/b", None),  # a Cyrillic letter
    ],
)
def test_what_can_be_a_hub_repository(name, repository):
    assert hub.repository(name) == repository


@pytest.mark.parametrize(
    "name", ["models/two", "Models/one", "model/one", "runs/one", "out/one", "user/config.json"]
)
def test_what_may_be_a_mistyped_path_is_not_looked_up_on_the_hub(name, tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hub, "fetch", lambda _: pytest.fail("looked up"))
    with pytest.raises(UserInputError, match=f"no weights '{name}'"):
        lookup.find_weights(name)


class Client:
    """Stands for huggingface_hub; weights of 6 bytes, of which 4 are in the patterns."""

    def __init__(self, folder: Path, online: bool = True, cached: bool = False) -> None:
        self.folder, self.online, self.cached = folder, online, cached
        self.fetched: list[tuple[str, str | None]] = []

    def HfApi(self) -> Client:
        return self

    def model_info(self, name: str, revision: str | None, files_metadata: bool) -> Any:
        if not self.online:
            raise LookupError("no route\nto host")
        assert files_metadata
        files = {"model.safetensors": 3, "config.json": 1, "pytorch_model.bin": 2}
        siblings = [SimpleNamespace(rfilename=n, size=s) for n, s in files.items()]
        return SimpleNamespace(sha=f"commit of {revision}", siblings=siblings)

    def snapshot_download(
        self, name: str, revision: str | None, allow_patterns: Any, local_files_only: bool = False
    ) -> str:
        if local_files_only and not self.cached:
            raise LookupError("not in the cache")
        self.fetched.append((name, revision))
        return str(self.folder)


def test_a_revision_of_a_repository_is_fetched_as_one_commit(tmp_path: Path, monkeypatch):
    client = Client(tmp_path)
    monkeypatch.setitem(sys.modules, "huggingface_hub", client)
    assert lookup.find_weights("hf://user/name@v2") == tmp_path
    assert lookup.find_weights("user/name") == tmp_path
    assert client.fetched == [("user/name", "commit of v2"), ("user/name", "commit of None")]


def test_weights_of_the_hub_are_of_a_bounded_size(tmp_path: Path, monkeypatch):
    client = Client(tmp_path)
    monkeypatch.setitem(sys.modules, "huggingface_hub", client)
    monkeypatch.setattr(hub, "MOST_BYTES", 4)
    assert lookup.find_weights("hf://user/name") == tmp_path
    monkeypatch.setattr(hub, "MOST_BYTES", 3)
    with pytest.raises(UserInputError, match="'user/name@v2' on the Hub have 4 bytes; .* most 3"):
        lookup.find_weights("hf://user/name@v2")
    assert len(client.fetched) == 1


def test_without_a_network_the_cache_is_enough(tmp_path: Path, monkeypatch):
    client = Client(tmp_path, online=False, cached=True)
    monkeypatch.setitem(sys.modules, "huggingface_hub", client)
    assert lookup.find_weights("hf://user/name@v2") == tmp_path
    client.cached = False
    with pytest.raises(UserInputError, match=r"cannot fetch 'user/name': .* answered: no route$"):
        lookup.find_weights("hf://user/name")
