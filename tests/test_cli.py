from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from saccade import cli, systems
from stub_system import STUB


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command with the stub as the only system; return exit code, stdout and stderr."""
    monkeypatch.setattr(systems, "SYSTEMS", {"stub": STUB})

    def call(*argv: str) -> tuple[int, str, str]:
        code = cli.main(argv)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def assert_mistake(result: tuple[int, str, str], *words: str) -> None:
    code, out, err = result
    assert code == 2
    assert out == ""
    assert err.startswith("saccade: error: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    for word in words:
        assert word in err


@pytest.mark.parametrize("argv", [(), ("--help",), ("-h",)])
def test_top_help_lists_every_verb_and_system(run, argv):
    code, out, err = run(*argv)
    assert (code, err) == (0, "")
    for word in [*cli.VERBS, "stub", "a system for tests"]:
        assert word in out


def test_verb_help_lists_the_systems_that_can(run):
    code, out, _ = run("train", "--help")
    assert code == 0
    assert "stub" in out
    assert "train the stub" in out


def test_verb_help_says_when_no_system_can(run):
    code, out, _ = run("table", "--help")
    assert code == 0
    assert "none yet" in out


def test_record_help_lists_worlds(run):
    code, out, _ = run("record", "--help")
    assert code == 0
    assert "stub_world" in out


def test_option_help_has_names_meaning_and_defaults(run):
    code, out, _ = run("train", "stub", "--help")
    assert code == 0
    for word in ("--offline.epochs", "Passes over the data", "9", "runs/stub"):
        assert word in out


def test_option_help_shows_what_stands_without_a_name(run):
    code, out, _ = run("show", "stub", "--help")
    assert code == 0
    assert "A folder, or a name." in out


def test_option_help_shows_the_defaults_of_the_chosen_preset(run):
    _, cpu, _ = run("train", "stub", "--help")
    _, smoke, _ = run("train", "stub", "--preset", "smoke", "--help")
    assert "default: 9" in cpu
    assert "default: 1" in smoke


@pytest.mark.parametrize("topic", ["offline", "all"])
def test_option_help_of_a_group_has_the_defaults_of_the_chosen_preset(run, topic):
    code, out, err = run("train", "stub", "--help", topic, "--preset", "smoke")
    assert (code, err) == (0, "")
    assert "--offline.epochs INT  Passes over the data. (default: 1)" in out
    assert ("--kind" in out) == (topic == "all")


def test_help_imports_no_torch():
    asked = [[], *([verb, "--help"] for verb in cli.VERBS if verb not in ("doctor", "demo"))]
    code = (
        "import sys; from saccade import cli\n"
        f"for argv in {asked!r}: assert cli.main(argv) == 0\n"
        "assert not {'torch', 'mujoco', 'cv2'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("systems:") == len(asked) - 1


@pytest.mark.parametrize("module", ["saccade", "saccade.cli"])
def test_the_package_and_the_module_are_the_command(module):
    command = [sys.executable, "-m", module, "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "saccade 0.1.0\n", "")


def test_version(run):
    assert run("--version") == (0, "saccade 0.1.0\n", "")


@pytest.mark.parametrize(
    ("argv", "epochs"),
    [
        ([], 9),
        (["--preset", "smoke"], 1),
        (["--preset=smoke"], 1),
        (["--preset", "cpu", "--preset", "smoke"], 1),
        (["--preset", "smoke", "--offline.epochs", "4"], 4),
        (["--offline.epochs", "4", "--preset", "smoke"], 4),
    ],
)
def test_a_preset_gives_defaults_and_any_field_overrides_it(run, argv, epochs):
    code, out, err = run("train", "stub", *argv)
    assert (code, err) == (0, "")
    assert f"epochs={epochs})" in out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["trian", "stub"], ["unknown verb 'trian'", "did you mean train?", "doctor, demo"]),
        (["train", "stubb"], ["unknown system 'stubb'", "did you mean stub?", "valid: stub"]),
        (["train"], ["'train' needs a SYSTEM", "valid: stub"]),
        (["train", "--out", "x"], ["'train' needs a SYSTEM", "--out"]),
        (["table", "stub"], ["'table' does not exist for 'stub'"]),
        (["record"], ["'record' needs a WORLD", "stub_world"]),
        (["record", "stub_wrld"], ["unknown world 'stub_wrld'", "did you mean stub_world?"]),
        (["show"], ["'show' needs a RUN|DATASET|WEIGHTS"]),
        (["show", "no/such/folder"], ["nothing to show at 'no/such/folder'"]),
        (["--verbose"], ["unknown option --verbose"]),
        (["doctor", "--jsn"], ["unknown option --jsn", "--json"]),
        (["doctor", "stray"], ["unexpected argument 'stray'"]),
        (["train", "stub", "--ofline.epochs", "3"], ["--ofline.epochs", "mean --offline.epochs?"]),
        (["train", "stub", "--epochs", "3"], ["--epochs", "did you mean --offline.epochs?"]),
        (["train", "stub", "--epochs=3"], ["--epochs", "did you mean --offline.epochs?"]),
        (["train", "stub", "--zzz"], ["--zzz", "--preset, --out, --kind, --offline.epochs"]),
        (["train", "stub", "--offline.epochs", "many"], ["--offline.epochs", "'many'", "INT"]),
        (["train", "stub", "--offline.epochs=1.5"], ["--offline.epochs", "'1.5'", "INT"]),
        (["train", "stub", "--kind", "firm"], ["'firm'", "--kind", "soft", "hard"]),
        (["train", "stub", "--out"], ["--out"]),
        (["train", "stub", "--preset", "smok"], ["preset 'smok'", "mean smoke?", "cpu, smoke"]),
        (["train", "stub", "--preset"], ["--preset needs a name", "cpu, smoke"]),
        (["train", "stub", "--help", "ofline"], ["'ofline'", "mean offline?", "offline, all"]),
        (["eval", "stub"], ["missing option", "--episodes INT"]),
        (["eval", "stub", "--episodes", "3"], ["got 3 episodes; expected fewer"]),
        (["record", "stub_world"], ["No space left on device", "dataset/0001.npz"]),
    ],
)
def test_a_mistake_costs_one_line_that_names_it(run, argv, words):
    assert_mistake(run(*argv), *words)


def test_interruption_is_one_line_and_130(run):
    assert run("run", "stub") == (130, "", "saccade: interrupted\n")


def test_demo_and_bench_need_no_system(run):
    assert run("demo") == run("demo", "stub") == (0, "NoOptions()\n", "")
    assert run("bench") == run("bench", "stub") == (0, "NoOptions()\n", "")


def test_options_of_bench_belong_to_one_system(run, monkeypatch):
    twins = {"stub": STUB, "twin": dataclasses.replace(STUB, name="twin")}
    monkeypatch.setattr(systems, "SYSTEMS", twins)
    assert run("bench") == (0, "NoOptions()\nNoOptions()\n", "")
    assert_mistake(run("bench", "--repeats", "3"), "--repeats", "valid: stub, twin")


@pytest.mark.parametrize(
    ("file", "description"),
    [
        ("config.json", {"system": "stub"}),
        ("dataset.json", {"world": "stub_world"}),
        ("results.json", {"system": "stub"}),
    ],
)
def test_show_finds_the_system_in_the_folder(run, tmp_path: Path, file, description):
    (tmp_path / file).write_text(json.dumps(description))
    code, out, err = run("show", str(tmp_path))
    assert (code, err) == (0, "")
    assert str(tmp_path) in out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", ["config.json", "not valid JSON"]),
        ("[]", ["holds a list", "expected an object"]),
        ("{}", ["neither", "system", "world"]),
        ('{"system": "stubb"}', ["stubb", "did you mean stub?"]),
    ],
)
def test_a_damaged_description_is_named(run, tmp_path: Path, content, words):
    (tmp_path / "config.json").write_text(content)
    assert_mistake(run("show", str(tmp_path)), *words)


def test_a_folder_of_somebody_else_is_named(run, tmp_path: Path):
    assert_mistake(run("show", str(tmp_path)), str(tmp_path), "config.json")


def test_the_command_itself_exits_with_2():
    done = subprocess.run(
        [sys.executable, "-m", "saccade", "fly"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("saccade: error: unknown verb 'fly'")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("argv", [["--help"], ["doctor", "--help"]])
def test_a_closed_pipe_is_no_error(argv):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "saccade", *argv]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (cli.PIPE_CLOSED, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("word", "code"), [("--version", 0), ("fly", 2)])
def test_closed_streams_are_no_error(closed: str, word: str, code: int):
    command = [sys.executable, "-m", "saccade", word]
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *command]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert done.stderr.count("\n") == (code != 0 and "2>&-" not in closed)


def test_a_closed_stream_is_not_the_next_file_that_is_opened(tmp_path: Path):
    """Otherwise what is printed, by us or by a library, goes into the user's file."""
    work = "import os; file = open('result', 'w'); os.write(1, b'noise'); os.system('echo noise')"
    code = f"from saccade import cli; cli._occupy_streams(); {work}"
    shell = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-c", code]
    done = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "result").read_text() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_output_is_one_line():
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "saccade", "--help"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr == "saccade: error: No space left on device: while writing\n"
        done = subprocess.run([*command[:-1], "fly"], stdout=full, stderr=full, check=False)
        assert done.returncode == 2


@pytest.mark.parametrize("words", ["--version", "show here"])
def test_a_working_directory_that_is_gone_is_at_most_one_line(words: str, tmp_path: Path):
    gone = tmp_path / "gone"
    gone.mkdir()
    shell = f'cd {gone}; rmdir {gone}; exec "$@"'
    command = [sys.executable, "-m", "saccade", *words.split()]
    done = subprocess.run(
        ["sh", "-c", shell, "sh", *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == (0 if words == "--version" else 2)
    assert done.stderr.count("\n") <= 1
