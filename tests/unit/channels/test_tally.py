"""The figures of answered commands."""

from channels.tally import BOUNDS_S, Tally
from domain.rejections import Busy, NotAllowed


def test_an_acknowledgement_counts_under_the_first_bound_that_holds_it() -> None:
    tally = Tally()
    for seconds in (0.0, BOUNDS_S[0], BOUNDS_S[0] * 1.01, BOUNDS_S[-1], BOUNDS_S[-1] + 1):
        tally.accept(seconds)

    assert (tally.counts[0], tally.counts[1], tally.counts[-2], tally.counts[-1]) == (2, 1, 1, 1)
    assert tally.accepted == sum(tally.counts) == 5


def test_refusals_count_by_their_cause_and_not_as_acknowledgements() -> None:
    tally = Tally()
    for rejection in (Busy("later"), NotAllowed(), Busy("later still")):
        tally.refuse(rejection)

    assert tally.refused == {Busy: 2, NotAllowed: 1}
    assert (tally.rejected, tally.accepted, sum(tally.counts)) == (3, 0, 0)
