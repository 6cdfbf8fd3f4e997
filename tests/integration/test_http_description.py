"""The description of the API: complete enough to write a bot from, and readable without anything from elsewhere."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from domain.kinds import KINDS
from tests.support.house import OpenHouse, open_test_house

PUBLIC = ("/health", "/metrics", "/dev/sign-in", "/shares/enter")


@pytest_asyncio.fixture
async def house(dsn: str) -> AsyncIterator[OpenHouse]:
    async with open_test_house(dsn) as opened:
        yield opened


async def described(house: OpenHouse) -> Any:
    return (await house.client.get("/schema/openapi.json")).json()


def commands() -> list[tuple[str, Any]]:
    return [(f"{kind}.{verb}", struct) for kind, decider in KINDS.items() for verb, struct in decider.commands.items()]


async def test_the_description_of_the_api_names_every_endpoint(house: OpenHouse) -> None:
    schema = await described(house)

    for path in (
        "/workspaces",
        "/workspaces/{workspace_id}/messages",
        "/executions/{execution_id}/deploy-log",
        "/rooms/{address}/events",
        "/users/{user_id}/roles",
        "/health/ready",
    ):
        assert path in schema["paths"]
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


async def test_every_command_is_described_with_its_fields_and_its_answer(house: OpenHouse) -> None:
    schema = await described(house)

    for name, struct in commands():
        operation = schema["paths"][f"/commands/{name}"]["post"]
        assert operation["summary"]
        assert operation["requestBody"]["content"]["application/json"]["schema"] == {"$ref": f"#/components/schemas/{name}"}
        form = schema["components"]["schemas"][name]
        assert set(form["properties"]) == set(struct.__struct_fields__)
        assert "command_id" in form["required"]
        kind, _, verb = name.partition(".")
        assert ("room" in form["required"]) == (verb != KINDS[kind].creates)
        assert operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Accepted")
    assert "/commands/{name}" not in schema["paths"]


async def test_every_question_is_described_with_its_fields(house: OpenHouse) -> None:
    schema = await described(house)
    questions = [(f"{kind}.{word}", struct) for kind, decider in KINDS.items() for word, struct in decider.questions.items()]

    for name, struct in questions:
        assert schema["paths"][f"/questions/{name}"]["post"]["summary"]
        assert set(schema["components"]["schemas"][name]["properties"]) == set(struct.__struct_fields__)
    assert "/questions/{name}" not in schema["paths"]


async def test_errors_are_described_as_the_problems_that_are_sent(house: OpenHouse) -> None:
    answer = await house.client.get("/schema/openapi.json")
    schema = answer.json()
    sent = (await house.caller("ada", "user").give("workspace.nothing")).json()

    problem = schema["components"]["schemas"]["Problem"]
    assert set(sent) <= set(problem["properties"])
    assert set(problem["required"]) <= set(sent)
    assert "status_code" not in answer.text
    given = schema["paths"]["/commands/workspace.post"]["post"]["responses"]
    assert {"400", "401", "403", "404", "409", "410", "413", "422", "429", "503"} <= set(given)
    for response in schema["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]


async def test_every_reference_of_the_description_leads_somewhere(house: OpenHouse) -> None:
    schema = await described(house)

    def check(value: Any) -> None:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(inner)
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            _, _, kind, name = value["$ref"].split("/")
            assert name in schema["components"][kind]

    check(schema)


async def test_only_public_routes_are_described_as_needing_no_token(house: OpenHouse) -> None:
    schema = await described(house)

    assert schema["security"] == [{"bearer": []}]
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            is_public = path.startswith(PUBLIC)
            assert operation.get("security") == ([{}] if is_public else None)
            # by a share's link one comes in without a token, and may send one besides
            assert ("401" in operation["responses"]) == (not is_public or path == "/shares/enter")


async def test_the_page_of_the_description_loads_nothing_and_names_every_command(house: OpenHouse) -> None:
    answer = await house.client.get("/schema")

    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert "://" not in answer.text
    assert 'href="/schema/openapi.json"' in answer.text
    for name, _ in commands():
        assert f"/commands/{name}</code>" in answer.text


async def test_writes_of_ones_own_room_are_described_as_the_commands_that_they_give(house: OpenHouse) -> None:
    paths = (await described(house))["paths"]

    for path, method, status in (
        ("/me/folders", "post", "201"),
        ("/me/style-profile", "put", "200"),
        ("/me/ai-preferences", "patch", "200"),
    ):
        responses = paths[path][method]["responses"]
        assert responses[status]["content"]["application/json"]["schema"]["$ref"].endswith("/Accepted")
        assert {"403", "409", "410", "422", "429"} <= set(responses)
    assert "403" in paths["/sellers"]["post"]["responses"]
    assert {"401", "403", "410", "429"} <= set(paths["/shares/enter"]["post"]["responses"])
