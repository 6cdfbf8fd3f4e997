"""PROTOCOL.md says what the code does: every command and every code of the wire stands in it."""

import re
from pathlib import Path

import pytest

from channels.wire import codes
from domain.kinds import KINDS

DOCUMENT = (Path(__file__).resolve().parents[2] / "PROTOCOL.md").read_text()
NUMBERS = {int(number) for number in re.findall(r"(?<![\d.])\d{3,4}(?!\d)", DOCUMENT.partition("## 7. Codes")[2])}


@pytest.mark.parametrize("name", [f"{kind}.{verb}" for kind, decider in KINDS.items() for verb in decider.commands])
def test_every_command_is_documented(name: str) -> None:
    kind, _, verb = name.partition(".")
    section = DOCUMENT.partition(f"### {kind}")[2].partition("\n## ")[0]

    assert re.search(rf"\b{verb}\b", section)


def test_every_code_of_a_refusal_is_documented() -> None:
    given = {code.code for code in codes.REJECTIONS.values()}

    assert given - NUMBERS == set()


def test_every_close_code_is_documented() -> None:
    given = {code.code for code in codes.DISCONNECTS}

    assert given - NUMBERS == set()
