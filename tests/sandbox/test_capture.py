"""Bounded streams."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse.sandbox.capture import LEFT_OUT, Capture


@settings(database=None)
@given(st.lists(st.binary(max_size=50)), st.integers(2, 60))
def test_first_and_last_halves_are_kept(chunks, cap):
    capture = Capture(cap)
    for chunk in chunks:
        capture.feed(chunk)
    whole = b"".join(chunks)
    if len(whole) <= cap:
        assert (capture.bytes(), capture.truncated) == (whole, False)
    else:
        assert capture.truncated
        assert capture.bytes() == whole[: cap - cap // 2] + LEFT_OUT + whole[-(cap // 2) :]
