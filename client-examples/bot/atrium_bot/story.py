"""From facts to steps: what a run of Claude looks like to the people in the room. Pure; the same facts make the same steps.

Phases go the way the room's rules allow: planning -> implementing -> testing <-> refining -> deploying. Reading is planning; the
first edit is implementing; a test run is testing; an edit after one is refining; a deploy command is deploying, and what follows it
stays there. A finished to-do, a test result and a commit are checkpoints. Everything else only moves the progress line.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from atrium_bot.claude_lines import Answered, Began, Called, Ended, Fact, Said, Thought
from atrium_bot.plan import Plan
from atrium_bot.tools import (
    Commit,
    Purpose,
    address_in,
    commit_of,
    edited_path,
    first_line,
    note_of,
    purpose_of,
    verdict_of,
)

Phase: TypeAlias = Literal["planning", "implementing", "testing", "refining", "deploying"]

BANDS: Final[dict[Phase, tuple[int, int]]] = {
    "planning": (1, 15),
    "implementing": (15, 60),
    "testing": (60, 80),
    "refining": (65, 90),
    "deploying": (90, 98),
}
"""Per phase, the percent it begins at and the percent it does not pass. Where Claude keeps a to-do list, the list says more."""

LINE, TITLE, TEXT, ERROR, PIECE, ADDRESS = 500, 200, 20_000, 8_000, 16_000, 2_000
"""The longest that the room's commands take, in characters."""


@dataclass(frozen=True)
class Step:
    """One command to give: ``workspace.{verb}``. A ``passing`` step may be left out when there is no time for it."""

    verb: str
    fields: dict[str, Any]
    passing: bool = False


@dataclass
class Story:
    """Everything that is remembered of a run while it is told."""

    phase: Phase | None = None
    progress: int = 0
    cwd: str = ""
    said: str = ""
    plan: Plan = field(default_factory=Plan)
    files: dict[str, None] = field(default_factory=dict)
    calls: dict[str, tuple[Called, Purpose]] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)
    deploys: int = 0
    deploy_state: str = ""
    is_over: bool = False

    def take(self, fact: Fact) -> list[Step]:
        """The steps that follow from one fact."""
        if self.is_over:
            return []
        match fact:
            case Began():
                return self._begin(fact)
            case Said(text):
                self.said = text
                enter = self._enter("planning", first_line(text)) if self.phase is None else []
                return [*enter, self._tick(first_line(text))]
            case Thought():
                return []
            case Called():
                return self._call(fact)
            case Answered():
                return self._answer(fact)
            case Ended():
                return self._end(fact)

    def cut_off(self, why: str) -> list[Step]:
        """The lines stopped before Claude said how it ended."""
        if self.is_over:
            return []
        self.is_over = True
        return [Step("fail_execution", {"error": why[:ERROR]})]

    def _begin(self, fact: Began) -> list[Step]:
        self.cwd = fact.cwd
        return [] if self.phase else self._enter("planning", f"{fact.model or 'Claude'} reads the code")

    def _call(self, call: Called) -> list[Step]:
        purpose = purpose_of(call.tool, call.arguments)
        self.calls[call.call_id] = (call, purpose)
        match purpose:
            case "plan":
                return self._planned(call)
            case "edit":
                path = edited_path(call.tool, call.arguments, self.cwd)
                self.files[path[:ADDRESS]] = None
                return [*self._turn_to(self._editing_phase(), f"Editing {path}"), self._tick(self._note(call))]
            case "test":
                return [*self._turn_to("testing", self._note(call)), self._tick(self._note(call))]
            case "deploy":
                return [*self._turn_to("deploying", self._note(call)), *self._start_deploy()]
        return [*self._turn_to(self.phase or "planning", self._note(call)), self._tick(self._note(call))]

    def _answer(self, answer: Answered) -> list[Step]:
        call, purpose = self.calls.pop(answer.call_id, (None, "look"))
        if call is None:
            return []
        match purpose:
            case "test":
                return [self._tested(call, answer)]
            case "commit":
                return self._committed(call, answer)
            case "deploy":
                return self._deployed(answer)
            case "plan" if call.tool == "TaskCreate" and not call.by_subagent:
                self.plan.create(str(call.arguments.get("subject", "")), answer.text)
        return []

    def _end(self, end: Ended) -> list[Step]:
        self.is_over = True
        facts = {"turns": end.turns, "duration_ms": end.duration_ms, "cost_usd": end.cost_usd}
        if end.error:
            return [Step("fail_execution", {"error": end.error[:ERROR]})]
        seconds = end.duration_ms // 1000
        title = f"Finished in {end.turns} turns, {seconds // 60} min {seconds % 60} s"
        commit = self.commits[-1] if self.commits else Commit("", "")
        return [
            self._checkpoint(title, end.summary, facts, 99),
            Step(
                "complete_execution",
                {"files": list(self.files)[:2_000], "commit_hash": commit.hash, "commit_message": commit.message[:TEXT]},
            ),
        ]

    def simulated_deploy(self, url: str) -> list[Step]:
        """A deploy that nobody made, for trying out what the room shows."""
        log = ["Cloning the repository\n", "Installing dependencies\n", "Building\n", f"Deployed to {url}\n"]
        steps = self._start_deploy()
        position = 0
        for text in log:
            steps.append(Step("append_deploy_log", {"attempt": self.deploys, "position": position, "text": text}))
            position += len(text)
        return [*steps, Step("succeed_deploy", {"url": url})]

    # Phases and progress

    def _editing_phase(self) -> Phase:
        match self.phase:
            case "testing" | "refining":
                return "refining"
            case "deploying":
                return "deploying"
        return "implementing"

    def _turn_to(self, phase: Phase, note: str) -> list[Step]:
        """Steps only where the phase changes; nothing leads back out of deploying."""
        if self.phase == phase or self.phase == "deploying":
            return []
        said, self.said = self.said, ""  # what Claude said explains one change of phase, not the next one too
        return self._enter(phase, first_line(said) or note)

    def _enter(self, phase: Phase, note: str) -> list[Step]:
        self.phase = phase
        self._rise(BANDS[phase][0])
        return [Step("advance_phase", {"phase": phase, "note": note[:TEXT], "progress": self.progress})]

    def _rise(self, to: int) -> None:
        self.progress = max(self.progress, min(to, 99))

    def _tick(self, note: str) -> Step:
        """A little further inside the phase, or as far as the plan says."""
        ceiling = BANDS[self.phase or "planning"][1]
        self._rise(min(self.progress + 1, ceiling))
        self._rise(min(int(5 + 85 * self.plan.share), 90) if self.plan.states else 0)
        return Step("report_progress", {"progress": self.progress, "note": note[:LINE]}, passing=True)

    def _checkpoint(self, title: str, note: str, facts: dict[str, Any], progress: int = 0) -> Step:
        self._rise(progress)
        return Step(
            "add_checkpoint",
            {"title": title[:TITLE] or "Checkpoint", "note": note[:TEXT], "progress": self.progress, "data": facts},
        )

    def _note(self, call: Called) -> str:
        return note_of(call.tool, call.arguments, self.cwd)

    # Plan, tests, commits, deploys

    def _planned(self, call: Called) -> list[Step]:
        if call.by_subagent:
            return []
        steps = self._turn_to(self.phase or "planning", "Making a plan")
        finished: list[str] = []
        if call.tool == "TodoWrite":
            finished = self.plan.write(call.arguments.get("todos"))
        elif call.tool == "TaskUpdate":
            finished = self.plan.update(call.arguments)
        tick = self._tick(self.plan.current or "Making a plan")
        done = sum(state == "completed" for state in self.plan.states.values())
        facts = {"done": done, "of": len(self.plan.states)}
        return [*steps, *[self._checkpoint(title, "", facts) for title in finished], tick]

    def _tested(self, call: Called, answer: Answered) -> Step:
        verdict = verdict_of(answer.text, answer.is_error)
        facts = {
            "passed": verdict.passed,
            "failed": verdict.failed,
            "skipped": verdict.skipped,
            "green": verdict.is_green,
            "command": str(call.arguments.get("command", ""))[:LINE],
        }
        return self._checkpoint(verdict.title, "" if verdict.is_green else _tail(answer.text, 2_000), facts)

    def _committed(self, call: Called, answer: Answered) -> list[Step]:
        commit = None if answer.is_error else commit_of(str(call.arguments.get("command", "")), answer.text)
        if commit is None:
            return []
        self.commits.append(commit)
        return [self._checkpoint(f"Committed {commit.hash}", commit.message, {"commit": commit.hash})]

    def _start_deploy(self) -> list[Step]:
        self.deploys += 1
        verb = "retry_deploy" if self.deploy_state == "failed" else "start_deploy"
        self.deploy_state = "building"
        return [Step(verb, {}), Step("report_building", {})]

    def _deployed(self, answer: Answered) -> list[Step]:
        if self.deploy_state != "building":
            return []
        log = [
            Step("append_deploy_log", {"attempt": self.deploys, "position": at, "text": answer.text[at : at + PIECE]})
            for at in range(0, len(answer.text), PIECE)
        ]
        address = address_in(answer.text)
        if answer.is_error or not address:
            self.deploy_state = "failed"
            error = _tail(answer.text, ERROR) or "the deploy command failed"
            return [*log, Step("fail_deploy", {"error": error})]
        self.deploy_state = "ready"
        return [*log, Step("succeed_deploy", {"url": address[:ADDRESS]})]


def _tail(text: str, length: int) -> str:
    return text.strip()[-length:]
