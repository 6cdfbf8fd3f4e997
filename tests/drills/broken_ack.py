"""The judge bites: a server that acknowledges before it appends, killed under load, has to be found out."""

from tests.drills.checker import Verdict
from tests.drills.kill import kill_drill
from tests.drills.load import Plan
from tests.drills.report import Report


async def broken_ack_drill(n: int, plan: Plan) -> Report:
    """Passes when anomalies are found: acknowledged commands that are lost, and events that were shown and taken back."""
    # readers wait for what is lost, and never get it: there is no use in waiting long
    found = await kill_drill(n, plan, command=("-m", "tests.drills.broken", "serve"), settle_s=5.0)
    missing = [kind for kind in ("lost", "taken_back") if not found.verdict.counts[kind]]
    complaints = [f"the broken build lost what it had acknowledged, and the judge did not say {kind}" for kind in missing]
    figures = {**found.figures, "found": dict(found.verdict.counts)}
    return Report(drill="broken_ack", verdict=Verdict(sent=found.verdict.sent), figures=figures, complaints=complaints)
