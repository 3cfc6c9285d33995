"""Bars in a terminal, silence elsewhere."""

from __future__ import annotations

import io
import sys
from contextvars import Context

from connector.cli.progress import progress


class Terminal(io.StringIO):
    """A standard error that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def work() -> None:
    with progress() as bars:
        bars.begin("export", 2)
        bars.advance(1)
        if bars.stream is not None:
            bars.stream.write("a log line with [markup] " + "x" * 60 + "\n")
        bars.advance(1)
        bars.end()


def in_a_terminal(monkeypatch) -> str:
    """Work with a terminal as standard error, and return its text."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    Context().run(work)  # a test before may have chosen to be quiet
    return terminal.getvalue()


def test_a_pipe_gets_no_bars(capsys):
    work()

    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_what_is_done(monkeypatch):
    shown = in_a_terminal(monkeypatch)

    assert "export" in shown
    assert "0/2" in shown


def test_a_log_line_stands_above_the_bars_as_it_is(monkeypatch):
    shown = in_a_terminal(monkeypatch)

    assert "a log line with [markup] " + "x" * 60 + "\n" in shown
