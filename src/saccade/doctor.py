"""`saccade doctor`: what this machine has, and the exact line that mends what is missing."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import saccade
from saccade import installation
from saccade.verbs import lookup
from saccade.wording import counted
from saccade.worlds.rendering import BACKENDS, NO_GL, choose_backend, refusal

Status = Literal["ok", "warning", "problem"]

GL_PACKAGES = "libegl1 libgl1 libgl1-mesa-dri"
_GIB = 1024**3
_DISK_WANTED_GIB, _MEMORY_WANTED_GIB = 2.0, 3.0

_MODULES = (
    "numpy", "torch", "mujoco", "gymnasium", "mink", "cv2", "av", "safetensors", "PIL",
    "matplotlib", "tyro",
)  # fmt: skip
_DISTRIBUTIONS = {"cv2": "opencv-contrib-python-headless", "PIL": "pillow"}
"""Distributions that are not called as the modules that they bring."""

# Imports each module named on its command line, prints {name: what went wrong, "" if nothing}.
_IMPORT = """
import importlib, json, sys
errors = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        errors[name] = ""
    except Exception as error:
        errors[name] = f"{type(error).__name__}: {error}"
print(json.dumps(errors))
"""

# A lit red box before a black sky: a working renderer gives a picture of more than one colour.
_RENDER = """
import mujoco
model = mujoco.MjModel.from_xml_string(
    "<mujoco><worldbody><light pos='0 0 3'/><geom type='box' size='.2 .2 .2' rgba='1 0 0 1'/>"
    "</worldbody></mujoco>"
)
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
with mujoco.Renderer(model, 64, 64) as renderer:
    renderer.update_scene(data)
    image = renderer.render()
raise SystemExit(0 if int(image.max()) > int(image.min()) else "the picture is blank")
"""


@dataclass(frozen=True)
class DoctorOptions:
    """Say what this machine has, and print the exact line that mends what is missing.

    Attributes:
        json: Whether to print one JSON object instead of lines.
    """

    json: bool = False


@dataclass(frozen=True)
class Check:
    """One thing looked at.

    Attributes:
        name: Name of the thing.
        status: Verdict: a "warning" costs a feature, a "problem" stops the package.
        found: Words for what is there.
        mend: Line that mends it, empty where nothing is wrong.
    """

    name: str
    status: Status
    found: str
    mend: str = ""


def run(options: DoctorOptions) -> int:
    """Print all checks; return 1 where there is a problem, else 0 (no GL is no problem)."""
    checks = examine()
    if options.json:
        print(json.dumps({"checks": [asdict(check) for check in checks]}, indent=2))
    else:
        print(report(checks))
    return int(any(check.status == "problem" for check in checks))


def examine() -> list[Check]:
    """Look at everything; takes a few seconds, since PyTorch is imported and a scene rendered."""
    checks = [_python(), *_modules()]
    if all(check.status == "ok" for check in checks):
        checks += [_torch_backend(), _rendering(), _video()]
    return [*checks, _package(), _weights(), *_extras(), _disk(), _machine()]


def report(checks: Iterable[Check]) -> str:
    """Format checks as lines, the mending lines last, where the eye stops."""
    checks = list(checks)
    marks = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}
    width = max(len(check.name) for check in checks)
    lines = [f"{marks[c.status]}  {c.name:<{width}}  {c.found}" for c in checks]
    to_mend = [check for check in checks if check.status != "ok"]
    if not to_mend:
        return "\n".join([*lines, "", "All is well. Try: saccade demo"])
    return "\n".join([*lines, "", "To mend:", *(f"  {c.name}: {c.mend}" for c in to_mend)])


def _python() -> Check:
    # Older than 3.11 cannot import this file.
    return Check("python", "ok", f"{platform.python_version()} ({sys.executable})")


def _package() -> Check:
    """Look for somebody else's `saccade`, which PyPI has and `import saccade` may find first."""
    name, here = installation.DISTRIBUTION, Path(saccade.__file__).parent
    other, shadow = installation.foreign_distribution(), installation.shadowing_package()
    again = installation.install_line().replace("install", "install --force-reinstall --no-deps", 1)
    mend = f"{sys.executable} -m pip uninstall -y {installation.NOT_OURS} && {again}"
    if installation.is_overwritten():
        return Check(name, "problem", f"the distribution {other} lies over ours in {here}", mend)
    if other:
        found = f"the distribution {other} is installed too; it has the same package and command"
        return Check(name, "warning", found, mend)
    if shadow is not None:
        found = (
            f"{shadow} is another `saccade` than ours in {here}; which one counts hangs on the path"
        )
        return Check(name, "warning", found, f"remove or rename {shadow}")
    return Check(name, "ok", f"{saccade.__version__} in {here}")


def _modules() -> list[Check]:
    return [_module(name, error) for name, error in import_errors(list(_MODULES)).items()]


def _module(name: str, error: str) -> Check:
    distribution = _DISTRIBUTIONS.get(name, name)
    mend = f"{sys.executable} -m pip install --force-reinstall {distribution}"
    if error:
        return Check(distribution, "problem", error.splitlines()[0], mend)
    # OpenCV is packed in four ways, of which any will do.
    distribution = importlib.metadata.packages_distributions().get(name, [distribution])[0]
    version = importlib.metadata.version(distribution)
    if (name, version) == ("mujoco", "4.0.0"):
        return Check(name, "problem", "4.0.0 factorises wrongly", f"{mend}!=4.0.0")
    return Check(distribution, "ok", version)


def import_errors(names: list[str]) -> dict[str, str]:
    """Import modules in a process of its own; return what went wrong with each, "" if nothing.

    A process of its own, because a broken binary may crash, and MuJoCo's import fixes its GL.
    """
    environment = {**os.environ, "MUJOCO_GL": "disable"}
    command = [sys.executable, "-c", _IMPORT, *names]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])
    if len(names) == 1:
        return {names[0]: f"importing it ended with code {done.returncode}"}
    return {name: import_errors([name])[name] for name in names}


def _torch_backend() -> Check:
    import torch

    cores, threads = len(os.sched_getaffinity(0)), torch.get_num_threads()
    capability = torch.backends.cpu.get_cpu_capability()
    if torch.cuda.is_available():
        bf16 = "with" if torch.cuda.is_bf16_supported() else "without"
        device = f"{torch.cuda.get_device_name()} ({bf16} bfloat16)"
    else:
        bf16 = "with" if _cpu_has_bf16() else "without fast"
        device = f"CPU, {capability} ({bf16} bfloat16)"
    found = f"{device}, {counted(threads, 'thread')} on {counted(cores, 'core')}"
    if threads > cores:
        return Check("torch device", "warning", found, f"export OMP_NUM_THREADS={cores}")
    return Check("torch device", "ok", found)


def _cpu_has_bf16() -> bool:
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text().split() if cpuinfo.exists() else []
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags)


def _rendering() -> Check:
    """Render with the backend that the worlds use; where that fails, look for one that works."""
    chosen = choose_backend()
    backends = BACKENDS if chosen == NO_GL else tuple(dict.fromkeys((chosen, *BACKENDS)))
    failures = [refusal()] if refusal() else []
    for backend in backends:
        error = render_error(backend)
        if error:
            failures.append(f"{backend}: {error}")
        elif backend == chosen:
            return Check("GL rendering", "ok", f"{backend}, a scene was rendered")
        else:
            found = f"{'; '.join(failures)}; but {backend} works"
            return Check("GL rendering", "warning", found, f"export MUJOCO_GL={backend}")
    found = f"none ({'; '.join(failures)}); heightmaps are ray-cast instead, nothing is filmed"
    return Check("GL rendering", "warning", found, f"sudo apt-get install -y {GL_PACKAGES}")


def render_error(backend: str, timeout_s: float = 60.0) -> str:
    """Render a tiny scene in a process of its own; return what went wrong, "" if nothing did.

    A process of its own, because MuJoCo fixes its backend at import and a broken driver crashes.
    """
    environment = {**os.environ, "MUJOCO_GL": backend, "PYOPENGL_PLATFORM": backend}
    command = [sys.executable, "-c", _RENDER]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no picture after {timeout_s:.0f} s"
    if done.returncode == 0:
        return ""
    # The first line with an error in it: complaints of MuJoCo's own clean-up follow.
    errors = [line for line in done.stderr.splitlines() if "rror:" in line or "blank" in line]
    return errors[0].strip() if errors else f"rendering ended with code {done.returncode}"


def _video() -> Check:
    from av.codec import Codec

    try:
        codec = Codec("libx264", "w")
    except ValueError as error:
        mend = f"{sys.executable} -m pip install --force-reinstall av"
        return Check("video", "warning", f"no H.264 encoder ({_first_line(error)})", mend)
    return Check("video", "ok", f"H.264 by {codec.name}")


def _weights() -> Check:
    from safetensors import SafetensorError, safe_open

    files = sorted(lookup.WEIGHTS.rglob("*.safetensors"))
    if not files:
        mend = f"{installation.install_line()}, or: saccade train push --out RUN"
        return Check("shipped weights", "warning", f"none in {lookup.WEIGHTS}", mend)
    for file in files:
        try:
            with safe_open(file, framework="numpy") as tensors:
                tensors.keys()
        except (SafetensorError, OSError) as error:
            mend = f"git checkout -- {file}  (or: {installation.install_line()})"
            return Check("shipped weights", "problem", f"{file}: {_first_line(error)}", mend)
    names = ", ".join(sorted({file.relative_to(lookup.WEIGHTS).parts[0] for file in files}))
    size = sum(file.stat().st_size for file in files) / 1e6
    return Check("shipped weights", "ok", f"{names} ({size:.1f} MB)")


def _extras() -> list[Check]:
    """Say which extras are installed, as the package's own metadata lists them."""
    missing, present = [], []
    for extra, names in installation.extras().items():
        (present if all(map(_installed, names)) else missing).append(extra)
    found = f"installed: {', '.join(present) or 'none'}; not installed: {', '.join(missing)}"
    return [Check("extras", "ok", f"{found}  ({installation.install_line('NAME')})")]


def _installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / _GIB
    if free < _DISK_WANTED_GIB:
        mend = f"free {_DISK_WANTED_GIB:.0f} GiB here, or write elsewhere with --out DIR"
        return Check("disk", "warning", f"{free:.1f} GiB free", mend)
    return Check("disk", "ok", f"{free:.1f} GiB free in {Path.cwd()}")


def _machine() -> Check:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    cores = counted(len(os.sched_getaffinity(0)), "core")
    found = f"{cores}, {memory:.1f} GiB memory, {platform.platform()}"
    if memory < _MEMORY_WANTED_GIB:
        return Check("machine", "warning", found, "use --preset smoke and --workers 1")
    return Check("machine", "ok", found)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
