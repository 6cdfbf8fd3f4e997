"""A run of Claude, told in steps: phases go the way that the room allows, progress never falls, and every end is told."""

import json
from pathlib import Path

from atrium_bot.claude_lines import Answered, Began, Called, Ended, Fact, Said, facts_of
from atrium_bot.ids import step_id
from atrium_bot.story import Step, Story

SAMPLE = Path(__file__).parents[3] / "client-examples" / "bot" / "samples" / "swings.jsonl"

BEGAN = Began("s1", "/repo", "sonnet")
ENDED = Ended(error="", summary="Done.", turns=2, duration_ms=61_000, cost_usd=0.1)


def told(*facts: Fact) -> list[Step]:
    story = Story()
    return [step for fact in facts for step in story.take(fact)]


def bash(call_id: str, command: str, answer: str = "", is_error: bool = False) -> list[Fact]:
    return [Called(call_id, "Bash", {"command": command}), Answered(call_id, answer, is_error)]


def edit(path: str = "/repo/a.py") -> Fact:
    return Called("e", "Edit", {"file_path": path})


def todos(*states: str) -> Fact:
    items = [{"content": f"item {n}", "activeForm": f"doing {n}", "status": state} for n, state in enumerate(states)]
    return Called("p", "TodoWrite", {"todos": items})


def phases(steps: list[Step]) -> list[str]:
    return [step.fields["phase"] for step in steps if step.verb == "advance_phase"]


def checkpoints(steps: list[Step]) -> list[str]:
    return [step.fields["title"] for step in steps if step.verb == "add_checkpoint"]


def test_reading_is_planning_and_the_first_edit_is_implementing() -> None:
    assert phases(told(BEGAN, Called("r", "Read", {}), Said("I see."), edit(), edit())) == ["planning", "implementing"]


def test_an_edit_after_a_test_run_is_refining_and_the_next_run_is_testing_again() -> None:
    steps = told(BEGAN, edit(), *bash("t", "pytest", "1 failed"), edit(), *bash("t", "pytest", "3 passed"), edit())

    assert phases(steps) == ["planning", "implementing", "testing", "refining", "testing", "refining"]
    assert checkpoints(steps) == ["Tests: 0 passed, 1 failed", "Tests: 3 passed"]


def test_nothing_leads_back_out_of_deploying() -> None:
    steps = told(BEGAN, *bash("d", "vercel deploy", "https://a.example.com"), edit(), *bash("t", "pytest", "3 passed"))

    assert phases(steps) == ["planning", "deploying"]


def test_finished_items_of_the_plan_are_checkpoints_once() -> None:
    steps = told(
        BEGAN,
        todos("in_progress", "pending"),
        todos("completed", "in_progress"),
        todos("completed", "completed"),
        todos("completed", "completed"),
    )

    assert checkpoints(steps) == ["item 0", "item 1"]


def test_a_plan_told_task_by_task_has_the_same_checkpoints() -> None:
    steps = told(
        BEGAN,
        Called("c", "TaskCreate", {"subject": "Write the rule"}),
        Answered("c", "Task #1 created successfully: Write the rule"),
        Called("u", "TaskUpdate", {"taskId": "1", "status": "in_progress"}),
        Called("v", "TaskUpdate", {"taskId": "1", "status": "completed"}),
        Called("w", "TaskUpdate", {"taskId": "9", "status": "completed"}),
    )

    assert checkpoints(steps) == ["Write the rule"]


def test_a_subagents_plan_is_its_own() -> None:
    inner = Called("p", "TodoWrite", {"todos": [{"content": "inner", "status": "completed"}]}, by_subagent=True)

    assert checkpoints(told(BEGAN, inner)) == []


def test_the_end_carries_the_files_and_the_last_commit() -> None:
    commit = bash("c", "git commit -m 'Find swings'", "[main 4f2c9be] Find swings")

    steps = told(BEGAN, edit("/repo/a.py"), edit("/repo/b.py"), edit("/repo/a.py"), *commit, ENDED)

    assert steps[-1] == Step(
        "complete_execution", {"files": ["a.py", "b.py"], "commit_hash": "4f2c9be", "commit_message": "Find swings"}
    )
    assert checkpoints(steps)[-1] == "Finished in 2 turns, 1 min 1 s"


def test_a_run_that_failed_fails_the_execution_with_its_words() -> None:
    assert told(BEGAN, Ended("API overloaded", "", 1, 10, 0.0))[-1] == Step("fail_execution", {"error": "API overloaded"})


def test_a_run_that_is_cut_off_fails_too_and_only_once() -> None:
    story = Story()
    story.take(BEGAN)

    assert story.cut_off("the pipe broke") == [Step("fail_execution", {"error": "the pipe broke"})]
    assert story.cut_off("again") == []
    assert story.take(ENDED) == []


def test_a_deploy_that_failed_is_retried_as_a_second_attempt() -> None:
    steps = told(
        BEGAN, *bash("d", "vercel deploy", "Error: no project", is_error=True), *bash("d", "vercel deploy", "https://a.example.com")
    )

    deploy = [(step.verb, step.fields.get("attempt")) for step in steps if "deploy" in step.verb or step.verb == "report_building"]
    assert deploy == [
        ("start_deploy", None),
        ("report_building", None),
        ("append_deploy_log", 1),
        ("fail_deploy", None),
        ("retry_deploy", None),
        ("report_building", None),
        ("append_deploy_log", 2),
        ("succeed_deploy", None),
    ]


def test_a_long_deploy_log_is_told_in_pieces_that_join() -> None:
    log = "x" * 40_000 + " https://a.example.com"

    pieces = [step.fields for step in told(BEGAN, *bash("d", "vercel deploy", log)) if step.verb == "append_deploy_log"]

    assert "".join(piece["text"] for piece in pieces) == log
    assert [piece["position"] for piece in pieces] == [0, 16_000, 32_000]


def test_progress_never_falls_and_stays_below_a_hundred() -> None:
    shown = [step.fields["progress"] for step in sample_steps() if "progress" in step.fields]

    assert shown == sorted(shown)
    assert shown[-1] <= 99


def test_the_sample_tells_a_whole_run() -> None:
    steps = sample_steps()

    assert phases(steps) == ["planning", "implementing", "testing", "refining", "testing", "refining", "testing", "deploying"]
    assert steps[-1].verb == "complete_execution"
    assert steps[-1].fields["commit_hash"] == "4f2c9be"
    assert "src/detectors/swings.py" in steps[-1].fields["files"]
    assert {"start_deploy", "report_building", "append_deploy_log", "succeed_deploy"} <= {step.verb for step in steps}


def test_the_same_lines_make_the_same_steps_and_the_same_ids() -> None:
    assert json.dumps([step.fields for step in sample_steps()]) == json.dumps([step.fields for step in sample_steps()])
    assert step_id("x", 1_700_000_000_000, 4, 0) == step_id("x", 1_700_000_000_000, 4, 0)
    assert len({step_id("x", 1_700_000_000_000, line, ordinal) for line in range(50) for ordinal in range(3)}) == 150


def sample_steps() -> list[Step]:
    story = Story()
    return [step for text in SAMPLE.read_text("utf-8").splitlines() for fact in facts_of(text) for step in story.take(fact)]
