"""Health, metrics, the page and the description of the API."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import pytest_asyncio

from domain.log import StorageAway
from tests.support.house import OpenHouse, open_test_house


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Atrium</title>" + "x" * 2_000)
    (folder / "assets" / "app-1234.js").write_text("console.log('hello')" + " " * 2_000)
    (tmp_path / "secret.txt").write_text("not for you")
    return folder


@pytest_asyncio.fixture
async def house(dsn: str, page: Path) -> AsyncIterator[OpenHouse]:
    async with open_test_house(dsn, ATRIUM_HTTP_PAGE=str(page), ATRIUM_HTTP_ORIGINS="https://app.example") as opened:
        yield opened


async def test_readiness_says_what_an_acknowledgement_means(house: OpenHouse) -> None:
    answer = await house.client.get("/health/ready")

    assert answer.status_code == 200
    told = answer.json()
    assert (told["ready"], told["acknowledged"], told["postgres"]["answers"]) == (True, "durable", True)
    assert told["lag"]["rooms_behind"] == 0
    assert (await house.client.get("/health")).json().keys() == told.keys()


async def test_while_postgres_is_away_the_server_lives_and_is_not_ready(house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*arguments: object) -> NoReturn:
        raise StorageAway("away")

    monkeypatch.setattr(house.house.parts.database, "fetchval", away)

    answer = await house.client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["postgres"] == {
        "answers": False,
        "embedded": False,
        "problem": "Postgres does not answer: open rooms go on, closed rooms cannot be opened",
    }
    assert (await house.client.get("/health/live")).status_code == 200


async def test_during_a_shutdown_it_is_not_ready(house: OpenHouse) -> None:
    house.house.parts.health.drain()

    answer = await house.client.get("/health/ready")
    assert (answer.status_code, answer.json()["draining"]) == (503, True)
    assert (await house.client.get("/health")).status_code == 503


async def test_a_journal_that_failed_is_not_ready(house: OpenHouse) -> None:
    house.house.hub.failed.set()

    answer = await house.client.get("/health/ready")
    assert (answer.status_code, answer.json()["journal"]["works"]) == (503, False)


async def test_metrics_count_commands_and_time_appends(house: OpenHouse) -> None:
    ada = house.caller("ada", "user")
    room = await ada.new_room()
    await ada.give("workspace.verify", room)

    text = (await house.client.get("/metrics")).text

    assert 'atrium_commands_total{code="",outcome="accepted"} 1.0' in text
    assert 'atrium_commands_total{code="103",outcome="rejected"} 1.0' in text
    assert 'atrium_commands_total{code="107",outcome="rejected"} 0.0' in text
    assert "atrium_command_seconds_count 1.0" in text
    assert 'atrium_command_seconds_bucket{le="+Inf"} 1.0' in text
    assert "atrium_journal_append_seconds_count 1.0" in text
    for name in (
        "atrium_rooms_open 1.0",
        "atrium_write_behind_records",
        "atrium_write_behind_confirmed_batch",
        "atrium_loop_lag_seconds",
        "process_resident_memory_bytes",
    ):
        assert name in text


async def test_the_page_is_served_with_its_headers(house: OpenHouse) -> None:
    index = await house.client.get("/", headers={"Accept-Encoding": "gzip"})
    asset = await house.client.get("/assets/app-1234.js")
    known = await house.client.get("/", headers={"If-None-Match": index.headers["ETag"]})

    assert index.headers["Content-Encoding"] == "gzip"
    assert index.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in index.headers["Content-Security-Policy"]
    assert index.headers["Cache-Control"] == "no-cache"
    assert "immutable" in asset.headers["Cache-Control"]
    assert asset.headers["Content-Type"].startswith("text/javascript")
    assert known.status_code == 304


async def test_a_pages_own_addresses_show_the_page_and_missing_files_do_not(house: OpenHouse) -> None:
    browser = {"Accept": "text/html"}

    assert "<title>Atrium" in (await house.client.get("/somewhere/else", headers=browser)).text
    assert (await house.client.get("/assets/old.js", headers=browser)).status_code == 404
    assert (await house.client.get("/somewhere/else")).status_code == 404


@pytest.mark.parametrize("path", ["/../secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt"])
async def test_nothing_outside_the_built_page_is_served(house: OpenHouse, path: str) -> None:
    answer = await house.client.get(path)

    assert answer.status_code == 404
    assert "not for you" not in answer.text


async def test_without_a_built_page_it_is_said_how_to_build_it(dsn: str, tmp_path: Path) -> None:
    async with open_test_house(dsn, ATRIUM_HTTP_PAGE=str(tmp_path / "none")) as bare:
        assert "npm run build" in (await bare.client.get("/")).text


async def test_only_listed_origins_may_call_from_a_page(house: OpenHouse) -> None:
    async def preflight(origin: str) -> Any:
        headers = {"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        return await house.client.options("/workspaces", headers=headers)

    assert (await preflight("https://app.example")).headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Access-Control-Allow-Origin" not in (await preflight("https://evil.example")).headers


async def test_nobody_becomes_anyone_where_it_is_off(house: OpenHouse) -> None:
    assert (await house.client.post("/dev/sign-in", json={"name": "Ada"})).status_code in (404, 405)
