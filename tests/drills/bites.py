"""Broken servers against the drills that have to find them out: a judge that never condemns proves nothing."""

from tests.drills.catalog import Broken, carried_out
from tests.drills.everything import drill_named
from tests.drills.report import Report


async def found_out(broken: Broken) -> Report:
    """The report of the drill on the broken server: it is meant to fail."""
    return await carried_out(drill_named(broken.drill), broken.orders._replace(command=broken.command))


def unseen(broken: Broken, report: Report) -> list[str]:
    """The signs that the report does not show; empty when the broken server was found out as it should be."""
    return [
        sign
        for sign in broken.signs
        if report.broke_off or (not report.verdict.counts[sign] and not any(sign in text for text in report.complaints))
    ]
