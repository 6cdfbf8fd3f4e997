"""Inputs for the targets as hypothesis makes them: plain bytes, and seeds with a few places changed."""

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.fuzz.target import Target

Edit = tuple[int, int, bytes]
"""Where (in per mille of the length), how much is taken away, and what is put in its place."""


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    changed = st.builds(_edited, st.sampled_from(target.seeds), st.lists(_edits(target.words), max_size=6))
    return changed | st.binary(max_size=400)


def _edits(words: Sequence[bytes]) -> st.SearchStrategy[Edit]:
    put = st.binary(max_size=4)
    if words:
        put |= st.sampled_from(words)
    return st.tuples(st.integers(0, 1_000), st.integers(0, 8), put)


def _edited(seed: bytes, edits: Sequence[Edit]) -> bytes:
    for place, taken, put in edits:
        at = place * len(seed) // 1_000
        seed = seed[:at] + put + seed[at + taken :]
    return seed
