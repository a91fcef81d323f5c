"""What a training loop leans on: stopping, progress, the guard against NaN, the device."""

from __future__ import annotations

import io
import os
import signal
import threading

import pytest
import torch

from saccade.errors import TrainingDivergedError, UserInputError
from saccade.training.device import resolve_device
from saccade.training.guard import check_finite
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import progress


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_the_second_stops(number: signal.Signals):
    before = signal.getsignal(number)
    with GracefulStop() as stop:
        assert not stop.requested
        os.kill(os.getpid(), number)
        assert stop.requested
        assert stop.is_requested()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_handlers_come_back_after_an_error():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), GracefulStop():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is before


def test_outside_the_main_thread_signals_are_left_alone():
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def work() -> None:
        with GracefulStop() as stop:
            seen.append((stop.requested, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, before)]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_plain_progress_is_rare_and_readable_by_a_program():
    clock, stream = Clock(), io.StringIO()
    with progress(total=10, description="offline", every_s=5, stream=stream, clock=clock) as bar:
        for step in range(10):
            clock.now += 2.0
            bar.update(1, loss=1.0 / (step + 1))
    assert stream.getvalue().splitlines() == [
        'progress work="offline" done=3 total=10 elapsed_s=6.0 per_s=0.5 eta_s=14 loss=0.3333',
        'progress work="offline" done=6 total=10 elapsed_s=12.0 per_s=0.5 eta_s=8 loss=0.1667',
        'progress work="offline" done=9 total=10 elapsed_s=18.0 per_s=0.5 eta_s=2 loss=0.1111',
        'progress work="offline" done=10 total=10 elapsed_s=20.0 per_s=0.5 eta_s=0 loss=0.1',
    ]


def test_progress_over_items_yields_them_all_and_reports_the_end():
    stream = io.StringIO()
    assert list(progress(iter("abc"), description="letters", stream=stream, clock=Clock())) == [
        "a",
        "b",
        "c",
    ]
    assert stream.getvalue() == 'progress work="letters" done=3 elapsed_s=0.0 per_s=0\n'


def test_progress_on_a_terminal_is_a_bar():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    for _ in progress([1, 2], description="letters", stream=stream):
        pass
    assert "letters: 100%" in stream.getvalue()
    assert "2/2" in stream.getvalue()


def test_finite_numbers_pass_the_guard():
    check_finite(torch.tensor([1.0, -2.0]), 3, "pushes 1 to 8")
    check_finite(0.0, 3, "pushes 1 to 8")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), torch.tensor(float("nan"))])
def test_the_guard_names_value_step_and_batch(value: float | torch.Tensor):
    with pytest.raises(
        TrainingDivergedError, match=r"the loss is (nan|inf) at step 41, batch pushes 8 to 15"
    ):
        check_finite(value, 41, "pushes 8 to 15")


def test_the_guard_looks_at_every_element():
    gradients = torch.zeros(1000)
    gradients[777] = float("inf")
    with pytest.raises(TrainingDivergedError, match="the gradient is not finite at step 5"):
        check_finite(gradients, 5, "x", name="gradient")


def test_devices():
    assert resolve_device("cpu") == torch.device("cpu")
    expected = (
        "cuda"
        if torch.cuda.is_available()
        else "mps"
        if torch.backends.mps.is_available()
        else "cpu"
    )
    assert resolve_device("auto").type == expected
    with pytest.raises(
        UserInputError, match="unknown device 'gpu'; valid devices on this machine: auto"
    ):
        resolve_device("gpu")
    with pytest.raises(UserInputError, match="'cuda:97' is not available here"):
        resolve_device("cuda:97")
