"""Whole processes are timed from outside, and one that fails says why."""

import sys
from pathlib import Path

import pytest

from tests.bench.measure import BenchError, Side, paired, run


def _python(code: str, *, name: str = "side", environment: dict[str, str] | None = None) -> Side:
    return Side(name, (sys.executable, "-c", code), environment or {})


def test_a_sample_has_time_processor_time_memory_and_what_was_printed() -> None:
    """Of the output only the first line and the number of lines are kept."""
    sample = run(_python("data = bytearray(150 << 20); print('first'); print('second')"))
    assert (b"first\n", 2) == (sample.first_line, sample.lines)
    assert sample.seconds > 0
    assert sample.cpu_seconds > 0
    assert sample.peak_bytes > 150 << 20


def test_a_side_that_fails_is_named_with_what_it_said() -> None:
    """Its last words on stderr are in the message, so a benchmark never measures a failure."""
    with pytest.raises(BenchError, match=r"broken: exit code 7 after .*: no such thing"):
        run(_python("import sys; print('no such thing', file=sys.stderr); sys.exit(7)", name="broken"))


def test_a_side_that_takes_too_long_is_ended() -> None:
    """It is killed at its time limit, and that is a failure too."""
    with pytest.raises(BenchError, match="exit code -9"):
        run(_python("import signal; signal.pause()"), timeout=0.2)


def test_python_runs_as_users_run_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that keeps Python from writing compiled files, or from buffering, slows down neither side."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    sample = run(_python("import sys; print(sys.dont_write_bytecode, sys.stdout.write_through)"))
    assert sample.first_line == b"False False\n"


def test_pairs_run_in_turns_after_a_warm_up(tmp_path: Path) -> None:
    """A B is the warm-up, then A B for each round."""
    log = tmp_path / "log"
    ours, theirs = (_python(f"open({str(log)!r}, 'a').write('{letter}')") for letter in "AB")
    assert len(paired(ours, theirs, rounds=2)) == 2
    assert log.read_text() == "AB" * 3
