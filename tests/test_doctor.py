from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from saccade import cli, doctor
from saccade.doctor import Check
from saccade.verbs import lookup


@pytest.fixture
def no_rendering(monkeypatch):
    """Make every GL backend fail, as on a machine without a driver."""
    monkeypatch.setattr(doctor, "render_error", lambda backend: "no library")


@pytest.mark.usefixtures("no_rendering")
def test_without_gl_all_still_works_and_the_mending_line_is_exact(capsys):
    assert cli.main(["doctor", "--json"]) == 0
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["GL rendering"]["status"] == "warning"
    assert "ray-cast" in checks["GL rendering"]["found"]
    assert checks["GL rendering"]["mend"] == (
        "sudo apt-get install -y libegl1 libgl1 libgl1-mesa-dri"
    )
    for name in ("python", "numpy", "torch", "mujoco", "gymnasium", "av"):
        assert checks[name]["status"] == "ok"
    for name in ("torch device", "video", "shipped weights", "extras", "disk", "machine"):
        assert checks[name]["found"]


def test_a_working_backend_beside_a_broken_choice_is_named(monkeypatch):
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    monkeypatch.setattr(
        doctor, "render_error", lambda backend: "" if backend == "egl" else "broken"
    )
    check = doctor._rendering()
    assert (check.status, check.mend) == ("warning", "export MUJOCO_GL=egl")


def test_a_backend_that_does_not_exist_gives_no_picture():
    assert "invalid value" in doctor.render_error("crayons")


def test_a_module_that_cannot_be_imported_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "_MODULES", ["numpy", "no_such_module"])
    monkeypatch.setattr(doctor, "_DISTRIBUTIONS", {"no_such_module": "no-such"})
    good, bad = doctor._modules()
    assert good.status == "ok"
    assert bad.status == "problem"
    assert "no_such_module" in bad.found
    assert bad.mend.endswith("pip install --force-reinstall no-such")


def test_a_module_that_crashes_python_is_found_among_others(tmp_path, monkeypatch):
    (tmp_path / "crashing.py").write_text("import os; os._exit(9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    errors = doctor.import_errors(["json", "crashing"])
    assert errors == {"json": "", "crashing": "importing it ended with code 9"}


def test_weights_are_opened_and_a_damaged_file_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setattr(lookup, "WEIGHTS", tmp_path)
    assert doctor._weights().status == "warning"
    (tmp_path / "push").mkdir()
    file = tmp_path / "push" / "model.safetensors"
    save_file({"weight": np.zeros(3, np.float32)}, file)
    assert doctor._weights().status == "ok"
    file.write_bytes(file.read_bytes()[:-4])
    check = doctor._weights()
    assert check.status == "problem"
    assert str(file) in check.found


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("warning", 0), ("problem", 1)])
def test_exit_code_and_mending_lines(monkeypatch, capsys, status, code):
    check = Check("thing", status, "as found", "" if status == "ok" else "mend the thing")
    monkeypatch.setattr(doctor, "examine", lambda: [check])
    assert doctor.run(doctor.DoctorOptions()) == code
    out = capsys.readouterr().out
    assert "as found" in out
    assert ("mend the thing" in out) == (status != "ok")
