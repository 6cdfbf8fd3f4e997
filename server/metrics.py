"""Figures for Prometheus. Counts are read from the running parts when somebody asks; only durations are noted as they happen."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from channels.ports import Journal
from channels.tally import BOUNDS_S
from domain.log import AppendResult, Batch, Position, Proposal


class Figure(NamedTuple):
    """One number; a name that ends in ``_total`` only rises. ``labels`` are (name, value), the same names for all of one name."""

    name: str
    help: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


class Spread(NamedTuple):
    """A histogram: ``counts`` has one number for each bound (up to it, above the one before) and one for what is above all."""

    name: str
    help: str
    bounds: Sequence[float]
    counts: Sequence[int]
    sum: float


ReadFigures = Callable[[], Iterable[Figure | Spread]]


class Metrics:
    """The registry of this process. ``read`` is called per scrape and must not wait."""

    def __init__(self, read: ReadFigures) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Figures(read))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def exposition(self) -> tuple[bytes, str]:
        """The text of /metrics and its media type."""
        # Litestar adds the charset itself
        return generate_latest(self._registry), CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")

    def append_histogram(self) -> Histogram:
        return Histogram(
            "atrium_journal_append_seconds",
            "From handing a batch to the journal until it is durable",
            buckets=BOUNDS_S,
            registry=self._registry,
        )


class _Figures(Collector):
    def __init__(self, read: ReadFigures) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for figure in self._read():
            if isinstance(figure, Spread):
                families[figure.name] = _histogram_of(figure)
                continue
            family = families.get(figure.name)
            if family is None:
                kind = CounterMetricFamily if figure.name.endswith("_total") else GaugeMetricFamily
                family = families[figure.name] = kind(figure.name, figure.help, labels=[name for name, _ in figure.labels])
            family.add_metric([value for _, value in figure.labels], figure.value)  # type: ignore[attr-defined]  # both kinds have it
        yield from families.values()

    def describe(self) -> Iterable[Metric]:
        # asked for at registration, when nothing runs yet
        return ()


def _histogram_of(spread: Spread) -> HistogramMetricFamily:
    bounds = [*(str(bound) for bound in spread.bounds), "+Inf"]
    buckets = list(zip(bounds, map(float, accumulate(spread.counts)), strict=True))
    return HistogramMetricFamily(spread.name, spread.help, buckets=buckets, sum_value=spread.sum)


class MeasuredJournal:
    """A journal whose appends are timed. Fits ``channels.ports.Journal``."""

    def __init__(self, journal: Journal, histogram: Histogram) -> None:
        self._journal = journal
        self._histogram = histogram

    @property
    def epoch(self) -> str:
        return self._journal.epoch

    @property
    def top(self) -> Position:
        return self._journal.top

    @property
    def fill(self) -> float:
        return self._journal.fill

    async def append(self, proposals: Sequence[Proposal]) -> Sequence[AppendResult]:
        began_s = time.perf_counter()
        results = await self._journal.append(proposals)
        self._histogram.observe(time.perf_counter() - began_s)
        return results

    def read(self, after: Position) -> AsyncIterator[Batch]:
        return self._journal.read(after)

    async def trim(self, up_to: Position) -> None:
        await self._journal.trim(up_to)
