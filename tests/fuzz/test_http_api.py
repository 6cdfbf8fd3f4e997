"""Every operation of the HTTP API in its short form: one case that keeps the form and one that breaks it."""

import pytest

from tests.fuzz.http_api import fuzz_http


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_api_answers_as_it_is_described_and_never_with_a_fault() -> None:
    record = fuzz_http(seconds=0, seed_of_run=7, examples=1)

    assert record.findings == []
    assert record.server_errors == 0
    assert record.operations > 200
    assert record.cases >= 1.5 * record.operations
