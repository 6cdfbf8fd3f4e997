"""Many seeds, one after the other, and what they show together; and how many it takes to find what is broken on purpose."""

import contextlib
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from tests.simulation.broken import BROKEN, SOUND, Variant
from tests.simulation.course import Report, run_course

Write = Callable[[str], object]
TOLD = 10
"""So many failing seeds are told in full."""


class Campaign(msgspec.Struct):
    seeds: int = 0
    turns: int = 0
    virtual_s: float = 0.0
    lives: int = 0
    given: int = 0
    acked: int = 0
    deliveries: int = 0
    resumes: int = 0
    views: int = 0
    stored: int = 0
    faults: dict[str, int] = {}
    anomalies: int = 0
    failing: list[int] = msgspec.field(default_factory=list)
    took_s: float = 0.0

    @property
    def is_clean(self) -> bool:
        return not self.failing

    def add(self, report: Report) -> None:
        verdict = report.verdict
        self.seeds += 1
        self.turns += report.turns
        self.virtual_s += report.virtual_s
        self.lives += report.lives
        self.given += verdict.sent
        self.acked += verdict.acked
        self.deliveries += verdict.received
        self.resumes += verdict.resumes
        self.views += verdict.fresh_views
        self.stored += verdict.stored
        for kind, count in report.faults.items():
            self.faults[kind] = self.faults.get(kind, 0) + count
        self.anomalies += report.anomalies
        if not report.is_clean:
            self.failing.append(report.seed)

    def __str__(self) -> str:
        ran = f"{self.seeds} seeds, {self.turns} turns of the loop, {self.virtual_s / 3600:.2f} h of their time, {self.lives} lives"
        did = f"{self.given} commands given, {self.acked} acknowledged, {self.deliveries} deliveries, {self.stored} events stored"
        ways = f"{self.resumes} resumes, {self.views} views"
        faults = [f"  {count:>8} {kind}" for kind, count in sorted(self.faults.items())]
        return "\n".join([ran, f"{did}, {ways}", *faults, f"{self.anomalies} anomalies, in {self.took_s:.1f} s"])


def run_many(seeds: Iterable[int], write: Write, variant: Variant = SOUND) -> Campaign:
    """Failing ones are told as they come, with the command that runs them again."""
    campaign, began = Campaign(), time.monotonic()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends a long run with what it has shown so far
        for seed in seeds:
            report = run_course(seed, variant)
            campaign.add(report)
            if not report.is_clean and len(campaign.failing) <= TOLD:
                write(f"{report}\n  again: python -m tests.simulation --seed {seed}\n")
    campaign.took_s = time.monotonic() - began
    write(f"{campaign}\n")
    return campaign


class Bite(NamedTuple):
    """``seeds`` it took; ``signs`` seen. Not found out: no signs."""

    seeds: int
    signs: list[str]


def bite(variant: Variant, first: int, most: int) -> Bite:
    """Run seeds until one of them shows a sign of what is broken."""
    for number in range(most):
        if signs := signs_of(variant, run_course(first + number, variant)):
            return Bite(number + 1, signs)
    return Bite(most, [])


def signs_of(variant: Variant, report: Report) -> list[str]:
    found = [sign for sign in variant.signs if report.verdict.counts[sign]]
    return found + [sign for sign in variant.signs if any(complaint.startswith(sign) for complaint in report.complaints)]


class Found(NamedTuple):
    """One broken node: what it does, how many seeds were run until it was found out, and the signs; none where it was not."""

    name: str
    what: str
    seeds: int
    signs: list[str]

    def __str__(self) -> str:
        told = f"{self.seeds} seeds: {', '.join(self.signs)}" if self.signs else f"NOT FOUND in {self.seeds} seeds"
        return f"| {self.name} | {self.what} | {told} |"


def bite_all(first: int, most: int, write: Write) -> list[Found]:
    """All broken nodes, told line by line."""
    found = []
    for variant in BROKEN:
        found.append(Found(variant.name, variant.what, *bite(variant, first, most)))
        write(f"{found[-1]}\n")
    write(f"found out: {sum(bool(one.signs) for one in found)} of {len(found)}\n")
    return found
