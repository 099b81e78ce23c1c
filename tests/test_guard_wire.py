"""What a worker says can become a report, and nothing else."""

from __future__ import annotations

import os
import pickle
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spamlint.guard.envelope import Envelope
from spamlint.guard.judge import judge_of
from spamlint.guard.settings import Settings
from spamlint.guard.wire import (
    HEAD,
    MOST_ANSWER,
    REQUEST,
    Answer,
    GarbageError,
    envelope_in,
    packed,
    request,
    requested,
    size_of,
    unpacked,
)

ANN = Envelope("milter", "ann@mill.example", ("bob@ferry.example",), "192.0.2.1", "host", "ann", "4F1C")
EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.eml"))


def test_a_real_report_comes_through_as_it_is() -> None:
    judge = judge_of(Settings(language="nl"))
    for path in EXAMPLES:
        report = judge(ANN, path.read_bytes())
        data = packed(Answer(report, 5))
        assert size_of(data) == len(data)
        assert unpacked(data[HEAD:]) == Answer(report, 5)


def test_a_request_has_the_envelope_and_the_size() -> None:
    data = request(ANN, 5_000_000_000)
    assert requested(data[:REQUEST]) == (len(data) - REQUEST, 5_000_000_000)
    assert envelope_in(data[REQUEST:]) == ANN


def test_a_length_beyond_all_bounds_is_garbage() -> None:
    assert size_of(MOST_ANSWER.to_bytes(HEAD, "big")) == HEAD + MOST_ANSWER
    assert size_of(b"\0" * (HEAD - 1)) is None
    with pytest.raises(GarbageError):
        size_of((MOST_ANSWER + 1).to_bytes(HEAD, "big"))


class Call:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch called",)


@pytest.mark.parametrize("value", [Call(), (None, "1"), ("text", 1), (None, True), (None, 1, 2), 7, (Path("x"), 1)])
def test_another_value_is_garbage(value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GarbageError):
        unpacked(pickle.dumps(value))
    assert not list(tmp_path.iterdir())


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_garbage(data: bytes) -> None:
    with pytest.raises(GarbageError):
        unpacked(data)


@cache
def real_answer() -> bytes:
    """What a worker says of a message with findings."""
    judge = judge_of(Settings())
    return packed(Answer(judge(ANN, b"Subject: FREE MONEY NOW!!!\n\nx"), 5))[HEAD:]


@settings(deadline=None)
@given(st.data())
def test_an_answer_with_wrong_bytes_is_an_answer_or_garbage(data: st.DataObject) -> None:
    payload = bytearray(real_answer())
    for _ in range(data.draw(st.integers(1, 5))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(unpacked(payload), Answer)
    except GarbageError:
        assert payload
