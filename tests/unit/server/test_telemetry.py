"""Logs hold no secrets, and a client's text stays on its line."""

import json
import logging
from collections.abc import Iterator

import anyio
import pytest
import structlog

from server.telemetry import LogSettings, LoopLag, start_logging

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"


@pytest.fixture
def logs(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield capsys
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def written(logs: pytest.CaptureFixture[str]) -> str:
    return logs.readouterr().err


def test_a_line_of_json_has_time_level_and_fields(logs: pytest.CaptureFixture[str]) -> None:
    start_logging(LogSettings(format="json"))

    structlog.get_logger("atrium").warning("disk filling", fill=0.9)

    line = json.loads(written(logs))
    assert line["event"] == "disk filling"
    assert (line["level"], line["fill"]) == ("warning", 0.9)
    assert line["timestamp"].endswith("Z")


def test_what_libraries_log_comes_out_in_the_same_form(logs: pytest.CaptureFixture[str]) -> None:
    start_logging(LogSettings(format="json"))

    logging.getLogger("uvicorn.error").warning("Invalid HTTP request from %s", "somewhere")
    logging.getLogger("uvicorn.access").info("not wanted")

    assert json.loads(written(logs))["event"] == "Invalid HTTP request from somewhere"


@pytest.mark.parametrize("form", ["json", "console"])
def test_tokens_and_secrets_are_not_written(logs: pytest.CaptureFixture[str], form: str) -> None:
    start_logging(LogSettings(format=form))  # type: ignore[arg-type]  # parametrised

    structlog.get_logger().info("asked", path=f"/x?access={TOKEN}", token="abc-secret", database_url="postgresql://a:b@c/d")
    logging.getLogger("some.library").warning("GET /?t=%s", TOKEN)

    text = written(logs)
    assert "c2lnbmF0dXJl" not in text
    assert "abc-secret" not in text
    assert "a:b@c" not in text


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_clients_text_cannot_forge_a_line(logs: pytest.CaptureFixture[str], form: str) -> None:
    start_logging(LogSettings(format=form))  # type: ignore[arg-type]  # parametrised

    structlog.get_logger().info("refused\n2026 forged", name="x\r\n\x1b[31mred\u2028\ud800")

    text = written(logs)
    assert len(text.splitlines()) == 1
    assert "\x1b[31mred" not in text


def test_a_traceback_keeps_its_lines_in_the_console(logs: pytest.CaptureFixture[str]) -> None:
    start_logging(LogSettings(format="console"))
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("failed")

    text = written(logs)
    assert "ValueError: broken" in text
    assert len(text.splitlines()) > 2


def test_a_level_holds_back_what_is_below_it(logs: pytest.CaptureFixture[str]) -> None:
    start_logging(LogSettings(format="json", level="warning"))

    structlog.get_logger().info("chatter")

    assert written(logs) == ""


async def test_a_late_loop_is_noticed() -> None:
    lag = LoopLag()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lag.watch)
        while lag.worst_s < 0.05:
            await anyio.sleep(0.01)
            _busy(0.3)
        tasks.cancel_scope.cancel()

    assert lag.worst_s >= 0.05


def _busy(seconds: float) -> None:
    until = anyio.current_time() + seconds
    while anyio.current_time() < until:
        pass
