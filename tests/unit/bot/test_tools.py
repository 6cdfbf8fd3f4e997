"""What a tool call is for, and what its answer says."""

import pytest
from atrium_bot.tools import Commit, address_in, commit_of, edited_path, note_of, purpose_of, verdict_of


@pytest.mark.parametrize(
    ("command", "purpose"),
    [
        ("python -m pytest -q", "test"),
        ("npm test -- --watch=false", "test"),
        ("cd web && npx vitest run", "test"),
        ("go test ./...", "test"),
        ("git add -A && git commit -m 'pytest runs'", "commit"),
        ("npm test && vercel deploy --prod", "deploy"),
        ("npm run deploy", "deploy"),
        ("kubectl apply -f k8s/", "deploy"),
        ("echo 'make deploy later'", "look"),
        ("ls -la tests", "look"),
        ("git log --oneline", "look"),
        ("cat deploy.sh.example", "look"),
    ],
)
def test_a_shell_command_has_one_purpose(command: str, purpose: str) -> None:
    assert purpose_of("Bash", {"command": command}) == purpose


@pytest.mark.parametrize(
    ("tool", "purpose"),
    [
        ("Edit", "edit"),
        ("Write", "edit"),
        ("NotebookEdit", "edit"),
        ("TodoWrite", "plan"),
        ("TaskUpdate", "plan"),
        ("Read", "look"),
    ],
)
def test_other_tools_have_theirs_by_name(tool: str, purpose: str) -> None:
    assert purpose_of(tool, {}) == purpose


@pytest.mark.parametrize(
    ("output", "is_error", "title", "is_green"),
    [
        ("===== 2 failed, 10 passed in 0.41s =====", True, "Tests: 10 passed, 2 failed", False),
        ("118 passed, 2 skipped in 6.1s", False, "Tests: 118 passed, 2 skipped", True),
        ("Test Suites: 1 failed, 3 passed\nTests: 4 failed, 40 passed, 44 total", True, "Tests: 40 passed, 4 failed", False),
        ("test result: ok. 7 passed; 0 failed; 0 ignored", False, "Tests: 7 passed", True),
        ("ok  example.com/pkg 0.2s", False, "Tests passed", True),
        ("Killed", True, "Tests failed", False),
    ],
    ids=["pytest red", "pytest green", "jest", "cargo", "go", "no summary"],
)
def test_the_last_summary_of_a_test_run_counts(output: str, is_error: bool, title: str, is_green: bool) -> None:
    verdict = verdict_of(output, is_error)

    assert (verdict.title, verdict.is_green) == (title, is_green)


def test_a_commit_has_the_hash_that_git_told_and_the_whole_message() -> None:
    heredoc = "git commit -m \"$(cat <<'EOF'\nFind swings\n\nEqual highs count once.\nEOF\n)\""
    answer = "[main 4f2c9be] Find swings\n 2 files changed"

    assert commit_of(heredoc, answer) == Commit("4f2c9be", "Find swings\n\nEqual highs count once.")
    assert commit_of("git commit -am 'Find swings' -m 'Once.'", answer) == Commit("4f2c9be", "Find swings\n\nOnce.")
    assert commit_of("git commit -F message.txt", answer) == Commit("4f2c9be", "Find swings")


def test_a_commit_that_git_did_not_confirm_is_none() -> None:
    assert commit_of("git commit -m x", "nothing to commit, working tree clean") is None


def test_a_deploys_address_is_the_last_one_it_printed() -> None:
    assert address_in("Inspect: https://inspect.example.com/1\nPreview: https://a.example.com.") == "https://a.example.com"
    assert address_in("Error: no project") == ""


def test_paths_are_told_below_the_working_folder() -> None:
    assert edited_path("Edit", {"file_path": "/repo/src/a.py"}, "/repo") == "src/a.py"
    assert edited_path("Edit", {"file_path": "/elsewhere/a.py"}, "/repo") == "/elsewhere/a.py"
    assert note_of("Write", {"file_path": "/repo/src/a.py"}, "/repo") == "Writing src/a.py"
    assert note_of("Read", {"file_path": "/repo/src/a.py"}, "/repo") == "Read src/a.py"
    assert note_of("Bash", {"command": "ls\npwd"}, "/repo") == "ls"
