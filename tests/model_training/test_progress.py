import io
import logging
import time

import pytest
from rich.console import Console

from model_training import progress


@pytest.fixture
def shown(monkeypatch, caplog):
    """Give the console a stand-in: a terminal or a log file; return what it gets."""

    def show(terminal):
        caplog.set_level(logging.INFO, "model_training")
        text = io.StringIO()
        monkeypatch.setattr(progress, "console", Console(file=text, force_terminal=terminal, width=100))
        return text

    return show


def test_a_terminal_shows_nested_bars_with_the_share_done_and_the_time_left(shown):
    text = shown(terminal=True)
    for step in progress.track(range(4), "epochs"):
        for _ in progress.track(range(2), f"digits {step}"):
            time.sleep(0.06)
    assert "epochs" in text.getvalue()
    assert "digits 2" in text.getvalue()
    assert " 50%" in text.getvalue()
    assert "0:00:00" in text.getvalue()
    assert "\x1b[?25h" in text.getvalue()[-12:], "the cursor is back"


def test_a_log_gets_one_line_when_the_outermost_bar_ends(shown):
    text = shown(terminal=False)
    with progress.bar("training", total=4, completed=1) as bar:
        for _ in progress.track(range(3), "validation"):
            bar.advance()
        bar.describe("epoch 1")
        progress.say("[epoch 1] loss 0.1")
    first, second = text.getvalue().splitlines()
    assert first == "[epoch 1] loss 0.1"
    assert second.startswith("epoch 1: 100% in 0.")


def test_an_interrupted_bar_ends_with_its_share(shown):
    text = shown(terminal=False)
    steps = progress.track(range(4), "training")
    next(steps)
    next(steps)
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt)
    assert text.getvalue().startswith("training: 25% in")


def test_quiet_shows_nothing(shown, caplog):
    text = shown(terminal=True)
    caplog.set_level(logging.WARNING, "model_training")
    assert list(progress.track(range(3), "digits")) == [0, 1, 2]
    progress.say("epoch 1")
    assert text.getvalue() == ""
