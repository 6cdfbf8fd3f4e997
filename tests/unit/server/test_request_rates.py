"""How fast one person may ask over HTTP."""

import pytest

from domain.ids import ActorId
from domain.rejections import Busy
from server.http import request_rates
from server.http.request_rates import RequestRates
from server.http.settings import HttpSettings
from server.settings import ROOT

ADA, BEN = ActorId("ada"), ActorId("ben")


class Clock:
    s = 0.0

    def __call__(self) -> float:
        return self.s


def test_who_asks_too_fast_is_refused_and_let_in_again_others_never_notice() -> None:
    clock = Clock()
    rates = RequestRates(HttpSettings(page=ROOT, requests_per_s=2, request_burst=3), clock)
    for _ in range(3):
        rates.check(ADA)
    with pytest.raises(Busy):
        rates.check(ADA)
    rates.check(BEN)
    clock.s = 1.5

    rates.check(ADA)


def test_a_flood_of_people_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_rates, "REMEMBERED_MOST", 10)
    rates = RequestRates(HttpSettings(page=ROOT))
    for number in range(100):
        rates.check(ActorId(str(number)))

    assert len(rates) == 10
