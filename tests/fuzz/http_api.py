"""The HTTP API from its own description, by schemathesis: no server error, and every answer as it is described.

Half of the cases keep the form and half break it. Ids and rooms are mostly such as there are, the callers are people of several
roles, bots, strangers, and holders of tokens that are no good.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.schemas import APIOperation

from domain.kinds import KINDS
from tests.fuzz.http_world import TIMEOUT_S, World
from tests.fuzz.records import HttpRecord
from tests.fuzz.tape import Tape
from tests.support.server import data_folder, open_server
from tests.support.tokens import new_command_id, secret_of

CHECK_NAMES: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
"""Whether a case is accepted is a matter of the rooms' rules, so what schemathesis thinks of that is not asked."""
GOOD: Final = ("ada", "ben", "root", "claude", "viewer")
ROUND_EXAMPLES: Final = 4


class HttpFuzz:
    """Counts what it sees; findings are gathered, not raised, since one of them must not hide the others."""

    def __init__(self, world: World) -> None:
        self.world = world
        load_all_checks()
        self.checks = CHECKS.get_by_names(list(CHECK_NAMES))
        self.statuses: Counter[int] = Counter()
        self.findings: dict[str, str] = {}
        self.operations: set[str] = set()
        schema = schemathesis.openapi.from_url(f"{world.base}/schema/openapi.json")
        self._all = [found.ok() for found in schema.get_all_operations()]

    @property
    def cases(self) -> int:
        return self.statuses.total()

    def run(self, seconds: float, seed_of_run: int, examples: int) -> None:
        """All operations in rounds, until the time is over; the first round is always whole."""
        ends = time.monotonic() + seconds
        for turn in range(1_000_000):
            for number, operation in enumerate(self._all):
                if turn and time.monotonic() >= ends:
                    return
                self._round(operation, seed_of_run + turn * 10_000 + number, examples)
            if time.monotonic() >= ends:
                return

    def _round(self, operation: APIOperation[Any, Any, Any, Any], seed_of_round: int, examples: int) -> None:
        self.operations.add(operation.label)
        for strategy in _strategies(operation):

            @seed(seed_of_round)
            @settings(
                max_examples=examples,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy, dice=st.binary(min_size=16, max_size=16))
            def ask(case: Case, dice: bytes) -> None:
                self._ask(case, Tape(dice))

            ask()

    def _ask(self, case: Case, tape: Tape) -> None:
        who = tape.one_of(GOOD if tape.up_to(7) else sorted(self.world.tokens))
        _put_known(case, self.world, tape)
        headers = self.world.headers(who)
        if case.path.startswith("/shares") and not tape.up_to(3):
            headers["X-Share-Token"] = tape.one_of(self.world.links)
        try:
            response = case.call(base_url=self.world.base, session=self.world.session, headers=headers, timeout=TIMEOUT_S)
        except (requests.exceptions.InvalidHeader, UnicodeError):
            return  # what no HTTP client can send was never asked
        self.statuses[response.status_code] += 1
        try:
            case.validate_response(response, checks=self.checks)
        except (Failure, FailureGroup) as failure:
            self._found(case, who, response, failure)
        if 200 <= response.status_code < 300 and "json" in response.headers.get("content-type", [""])[0]:
            self.world.gather(response.json())

    def _found(self, case: Case, who: str, response: schemathesis.Response, failure: Failure | FailureGroup) -> None:
        failures = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
        for one in failures:
            title = getattr(one, "title", type(one).__name__)
            name = f"{case.operation.label}: {title} ({response.status_code})"
            body = str(case.body)[:600]
            self.findings.setdefault(
                name, f"as {who}: {case.formatted_path} {case.query} {body}\n{str(one)[:1_500]}\n{response.text[:400]}"
            )

    def record(self, took_s: float, seed_of_run: int) -> HttpRecord:
        return HttpRecord(
            operations=len(self.operations),
            cases=self.cases,
            server_errors=sum(count for status, count in self.statuses.items() if status >= 500),
            findings=[f"{name}\n{told}" for name, told in sorted(self.findings.items())],
            statuses={str(status): count for status, count in sorted(self.statuses.items())},
            took_s=round(took_s, 1),
            seed=seed_of_run,
        )


def _strategies(operation: APIOperation[Any, Any, Any, Any]) -> Iterator[st.SearchStrategy[Case]]:
    """Cases of the right form, and of a wrong one where the operation takes anything that could be wrong."""
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        takes_something = operation.body or operation.query or operation.path_parameters
        if mode is GenerationMode.POSITIVE or takes_something:
            try:
                strategy = operation.as_strategy(generation_mode=mode)
                strategy.validate()
            except HypothesisException:
                continue
            yield strategy


def _put_known(case: Case, world: World, tape: Tape) -> None:
    """Most ids become such as there are, and most commands get an id of their own, or each would only be a repeat or unknown."""
    for name in case.path_parameters or {}:
        known = world.one_of(tape, name)
        if known is not None and tape.up_to(7):
            case.path_parameters[name] = known
    for parameters in (case.query, case.body):
        if isinstance(parameters, dict):
            _put_known_in(parameters, case.path, world, tape)


def _put_known_in(fields: dict[str, Any], path: str, world: World, tape: Tape) -> None:
    kind = path.rpartition("/")[2].partition(".")[0]
    for name in list(fields):
        if not tape.up_to(7):
            continue
        if name == "command_id":
            fields[name] = new_command_id()
        elif name == "room" and kind in KINDS:
            fields[name] = world.one_of(tape, f"room of {kind}") or fields[name]
        elif name.endswith("_id") and isinstance(fields[name], str):
            fields[name] = world.one_of(tape, name) or fields[name]


async def _fuzzed(seconds: float, seed_of_run: int, examples: int) -> HttpRecord:
    with data_folder() as data:
        async with open_server(data) as server:
            fuzz = await asyncio.to_thread(_prepared, World(server.http, secret_of(data)))
            began = time.monotonic()
            await asyncio.to_thread(fuzz.run, seconds, seed_of_run, examples)
            assert server.is_running, "the server has ended"
            return fuzz.record(time.monotonic() - began, seed_of_run)


def _prepared(world: World) -> HttpFuzz:
    world.furnish()
    return HttpFuzz(world)


def fuzz_http(seconds: float, seed_of_run: int, examples: int = ROUND_EXAMPLES) -> HttpRecord:
    """A server of its own, asked for so long; each operation at least once with ``examples`` cases of each form."""
    return asyncio.run(_fuzzed(seconds, seed_of_run, examples))
