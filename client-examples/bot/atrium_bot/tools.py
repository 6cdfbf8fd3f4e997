"""What a tool call is for, and what its answer says: edits, tests, commits, deploys."""

import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, Literal, TypeAlias

Purpose: TypeAlias = Literal["edit", "test", "commit", "deploy", "plan", "look"]

_EDITS = {"Edit": "file_path", "MultiEdit": "file_path", "Write": "file_path", "NotebookEdit": "notebook_path"}
_PLANS = frozenset({"TodoWrite", "TaskCreate", "TaskUpdate"})
_TEST = re.compile(
    r"\b(pytest|py\.test|unittest|tox|nox|vitest|jest|playwright test|(npm|pnpm|yarn|bun)( run)? test"
    r"|(go|cargo|mix|swift|dotnet|flutter|make|gradle|gradlew|mvn) test|rspec|phpunit|ctest)\b"
)
_DEPLOY = re.compile(
    r"\b(vercel( deploy)?( --prod)?|netlify deploy|fly(ctl)? deploy|firebase deploy|wrangler deploy|railway up"
    r"|(npm|pnpm|yarn|bun) run deploy|make deploy|kubectl (apply|rollout)|deploy\.sh)(?=\s|$)"
)
_COMMIT = re.compile(r"\bgit\b[^|;&\n]*\bcommit\b")
_COMMITTED = re.compile(r"^\[\S+(?: \(root-commit\))? ([0-9a-f]{7,40})\] (.*)$", re.MULTILINE)
_HEREDOC = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?\n(.*?)\n\s*\1\b", re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s\"'<>)\]]+")
_COUNTS = {
    "passed": re.compile(r"\b(\d+) (?:tests? )?pass(?:ed|ing)?\b"),
    "failed": re.compile(r"\b(\d+) (?:tests? )?fail(?:ed|ing|ures?)?\b"),
    "skipped": re.compile(r"\b(\d+) (?:tests? )?skipped\b"),
}


@dataclass(frozen=True)
class Verdict:
    """What a test run said."""

    passed: int
    failed: int
    skipped: int
    is_green: bool

    @property
    def title(self) -> str:
        if not self.passed and not self.failed:
            return "Tests passed" if self.is_green else "Tests failed"
        said = (
            [f"{self.passed} passed"]
            + [f"{self.failed} failed"] * bool(self.failed)
            + [f"{self.skipped} skipped"] * bool(self.skipped)
        )
        return "Tests: " + ", ".join(said)


@dataclass(frozen=True)
class Commit:
    hash: str
    message: str


def purpose_of(tool: str, arguments: dict[str, Any]) -> Purpose:
    """What this call is for. A command that tests and then deploys is a deploy: the further phase counts."""
    if tool in _EDITS:
        return "edit"
    if tool in _PLANS:
        return "plan"
    if tool != "Bash":
        return "look"
    command = _text(arguments, "command")
    if _COMMIT.search(command):
        return "commit"
    if _DEPLOY.search(_unquoted(command)):
        return "deploy"
    return "test" if _TEST.search(_unquoted(command)) else "look"


def edited_path(tool: str, arguments: dict[str, Any], cwd: str) -> str:
    """The edited file, below ``cwd`` where it is."""
    path = PurePosixPath(_text(arguments, _EDITS[tool]))
    return str(path.relative_to(cwd)) if cwd and path.is_relative_to(cwd) else str(path)


def note_of(tool: str, arguments: dict[str, Any], cwd: str) -> str:
    """One line for people: what is being done."""
    if tool in _EDITS:
        return f"{'Writing' if tool == 'Write' else 'Editing'} {edited_path(tool, arguments, cwd)}"
    if tool == "Bash":
        return _text(arguments, "description") or first_line(_text(arguments, "command"))
    for key in ("file_path", "pattern", "query", "url", "description", "path"):
        if value := _text(arguments, key):
            below = value.removeprefix(f"{cwd}/") if cwd else value
            return f"{tool} {below}"
    return tool


def verdict_of(answer: str, is_error: bool) -> Verdict:
    """The counts of the last summary in a test run's output; without counts, whether the command succeeded."""
    counts = {name: int(found[-1]) if (found := pattern.findall(answer)) else 0 for name, pattern in _COUNTS.items()}
    return Verdict(counts["passed"], counts["failed"], counts["skipped"], is_green=not is_error and not counts["failed"])


def commit_of(command: str, answer: str) -> Commit | None:
    """Hash and whole message of a commit that git confirmed, or None."""
    confirmed = _COMMITTED.search(answer)
    if confirmed is None:
        return None
    return Commit(confirmed[1], _message_in(command) or confirmed[2].strip())


def address_in(answer: str) -> str:
    """The last web address in a deploy's output, which is where every provider puts the result."""
    found = _ADDRESS.findall(answer)
    return str(found[-1]).rstrip(".,;:") if found else ""


def first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()


def _message_in(command: str) -> str:
    """What ``git commit -m …`` was given: a here-document, or its (several) -m arguments."""
    if heredoc := _HEREDOC.search(command):
        return heredoc[2].strip()
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    paragraphs = [word for flag, word in pairwise(words) if flag in {"-m", "-am", "--message"}]
    return "\n\n".join(paragraphs)


def _unquoted(command: str) -> str:
    """The command without its quoted strings: ``echo "make deploy"`` deploys nothing."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", "", command)


def _text(arguments: dict[str, Any], key: str) -> str:
    value = arguments.get(key)
    return value if isinstance(value, str) else ""
