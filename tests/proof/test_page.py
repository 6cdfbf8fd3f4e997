"""The page of proof: what was not run is said, and what failed stands out."""

from pathlib import Path

import pytest

from tests.autobahn.suite import Outcome
from tests.drills.everything import BROKEN, DRILLS
from tests.drills.records import Record, bite_name
from tests.drills.records import Records as Drills
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
    assert sum(line.endswith("| not run |") for line in lines) == len(DRILLS) + len(BROKEN) + len(BROKEN_NODES)
    assert lines.count("Not run here.") == 3


def test_what_passed_and_what_did_not() -> None:
    drill, broken, node = DRILLS[0], BROKEN[0], BROKEN_NODES[0]
    good = Record(drill.what, passed=True, anomalies=0, seed=7, took_s=12.3, figures={"kills": "300", "p|q": "1"})
    missed = Record(broken.what, passed=False, anomalies=0, seed=7, took_s=1.0, figures={})
    simulation = Simulation(Campaign(seeds=5, faults={"power cut": 1_000}), 11, [Found(node.name, node.what, 3, ["lost"])])
    http = HttpRecord(operations=2, cases=3, server_errors=0, findings=[], statuses={"200": 3}, took_s=1.0, seed=1)
    fuzzing = Fuzzing({"frames": TargetRecord("bytes", {"atheris": Run(1_500, 0, 9.0, edges=12)})}, http)
    shown = Shown(Drills({drill.name: good}, {bite_name(broken): missed}), simulation, fuzzing, Outcome({"OK": 517}, []))

    lines = page(shown).splitlines()

    assert f"| {drill.name} | {drill.what} | kills 300; p/q 1 | 12 s, seed 7 | 0 | passed |" in lines
    assert f"| {broken.name} | {broken.drill} | {broken.what} | by complaint | **no** |" in lines
    assert f"| {node.name} | {node.what} | 3 | lost |" in lines
    assert any(line.startswith("Seeds 11 to 15: 5 courses") for line in lines)
    assert "| frames | bytes | atheris | 1,500 | 12 | 9 s | 0 |" in lines
    assert "2 operations, 3 cases in 1 s: 0 server errors, 0 findings. Answers: 200 3 times." in lines
    assert "517 cases: 517 OK; wrong: none." in lines


@pytest.mark.parametrize("test", [test for mended in MENDED for test in mended.tests])
def test_what_was_mended_is_held_by_a_test_that_is_there(test: str) -> None:
    file, _, name = test.partition("::")

    assert f"def {name}(" in (TESTS / file).read_text()
