"""The chat bot's command line: which model answers, and sentences where something cannot be meant."""

import argparse

import pytest
from atrium_bot import chat_cli, cli
from atrium_bot.models import ScriptedModel

NEEDED = ["--room", "conversation:x"]


def options(*more: str) -> argparse.Namespace:
    return chat_cli._parser().parse_args([*NEEDED, *more])


def test_without_a_key_the_script_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)

    assert isinstance(chat_cli._model_of(options()), ScriptedModel)


def test_with_a_key_and_without_the_sdk_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key")
    monkeypatch.setitem(__import__("sys").modules, "anthropic", None)
    monkeypatch.setattr("sys.argv", ["atrium-bot", "chat", *NEEDED])

    assert cli.main() == chat_cli.EXIT_NO_MODEL
    assert "the SDK is not there" in capsys.readouterr().err
    assert isinstance(chat_cli._model_of(options("--scripted")), ScriptedModel)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--room", "workspace:x"], "is no conversation: conversation:<uuid>"),
        ([*NEEDED, "--prices", "3"], "is not two prices"),
        ([*NEEDED, "--prices", "a,b"], "is not two prices"),
        ([], "--room"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        chat_cli.main(arguments)

    assert sentence in capsys.readouterr().err


def test_several_conversations_may_be_named() -> None:
    assert chat_cli._parser().parse_args([*NEEDED, "--room", "conversation:y"]).room == ["conversation:x", "conversation:y"]
