"""The page of proof: what was not run is said, and what failed stands out."""

from pathlib import Path

import pytest

from tests.autobahn.suite import Outcome
from tests.drills.everything import BROKEN, DRILLS
from tests.drills.records import Record, bite_name
from tests.drills.records import Records as Drills
from tests.fuzz.everything import TARGETS
from tests.fuzz.records import HttpRecord, Run, TargetRecord
from tests.fuzz.records import Records as Fuzzing
from tests.proof.mended import MENDED
from tests.proof.page import Shown, page
from tests.simulation.broken import BROKEN as BROKEN_NODES
from tests.simulation.campaign import Campaign, Found
from tests.simulation.records import Records as Simulation

TESTS = Path(__file__).parents[1]
NOTHING = Shown(Drills(), Simulation(), Fuzzing(), None)


def test_what_was_not_run_is_said_by_name() -> None:
    lines = page(NOTHING).splitlines()

    assert f"| drills without an anomaly | 0 of {len(DRILLS)} | **see below** |" in lines
    assert sum(line.endswith("| not run |") for line in lines) == sum(map(len, (DRILLS, BROKEN, BROKEN_NODES, TARGETS)))
    assert lines.count("Not run here.") == 3
    assert sum(line.endswith("| not run | **see below** |") for line in lines) == 4


def test_what_passed_and_what_did_not() -> None:
    drill, broken, node = DRILLS[0], BROKEN[0], BROKEN_NODES[0]
    good = Record(drill.what, passed=True, anomalies=0, seed=7, took_s=12.3, figures={"kills": "300", "p|q": "1"})
    missed = Record(broken.what, passed=False, anomalies=0, seed=7, took_s=1.0, figures={})
    simulation = Simulation(Campaign(seeds=5, faults={"power cut": 1_000}), 11, [Found(node.name, node.what, 3, ["lost"])])
    http = HttpRecord(operations=2, cases=3, server_errors=0, findings=[], statuses={"200": 3}, took_s=1.0, seed=1)
    fuzzing = Fuzzing({target.name: TargetRecord("", {"atheris": Run(1_500, 0, 9.0, edges=12)}) for target in TARGETS}, http)
    shown = Shown(Drills({drill.name: good}, {bite_name(broken): missed}), simulation, fuzzing, Outcome({"OK": 517}, []))

    lines = page(shown).splitlines()

    assert f"| {drill.name} | {drill.what} | kills 300; p/q 1 | 12 s, seed 7 | 0 | passed |" in lines
    assert f"| {broken.name} | {broken.drill} | {broken.what} | **nothing** | **no** |" in lines
    assert f"| {node.name} | {node.what} | 3 | lost |" in lines
    assert any(line.startswith("Seeds 11 to 15: 5 courses") for line in lines)
    assert f"| {TARGETS[0].name} | {TARGETS[0].what} | atheris | 1,500 | 12 | 9 s | 0 |" in lines
    assert f"| fuzzing | 0 crashes in {1_500 * len(TARGETS):,} executions |  |" in lines
    assert "2 operations, 3 cases in 1 s: 0 server errors, 0 findings. Answers: 200 3 times." in lines
    assert "517 cases: 517 OK; wrong: none." in lines


def test_what_went_wrong_stands_out() -> None:
    simulation = Simulation(Campaign(seeds=5, anomalies=2, failing=[12, 15]), 11)
    http = HttpRecord(operations=2, cases=3, server_errors=1, findings=["500"], statuses={"500": 1}, took_s=1.0, seed=1)
    fuzzing = Fuzzing({target.name: TargetRecord("", {"hypothesis": Run(10, 1, 9.0)}) for target in TARGETS}, http)

    lines = page(Shown(Drills(), simulation, fuzzing, Outcome({"OK": 516, "FAILED": 1}, ["5.1"]))).splitlines()

    assert "| simulation | 2 anomalies in 5 courses | **see below** |" in lines
    assert "Seeds to run again: 12, 15." in lines
    assert f"| fuzzing | {len(TARGETS)} crashes in {10 * len(TARGETS)} executions | **see below** |" in lines
    assert "| HTTP API | 2 server errors and findings in 3 cases | **see below** |" in lines
    assert "| RFC 6455 and 7692 | 1 wrong of 517 cases | **see below** |" in lines


@pytest.mark.parametrize("test", [test for mended in MENDED for test in mended.tests])
def test_what_was_mended_is_held_by_a_test_that_is_there(test: str) -> None:
    file, _, name = test.partition("::")

    assert f"def {name}(" in (TESTS / file).read_text()
