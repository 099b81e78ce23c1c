"""What a worker says can become a report, and nothing else."""

from __future__ import annotations

import os
import pickle
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.guard.judges import linter_task
from spamlint.guard.wire import HEAD, MOST_ANSWER, Answer, GarbageError, packed, request, requested, size_of, unpacked
from spamlint.verdict import Policy

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.eml"))


def test_a_real_report_comes_through_as_it_is() -> None:
    judge = linter_task({"default": Policy()}, (), "nl", 10_000_000)()["default"]
    for path in EXAMPLES:
        report = judge(path.read_bytes())
        data = packed(Answer(report, 5))
        assert size_of(data) == len(data)
        assert unpacked(data[HEAD:]) == Answer(report, 5)


def test_a_head_says_policy_and_size() -> None:
    assert requested(request(3, 5_000_000_000)) == (3, 5_000_000_000)


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


@given(st.binary(max_size=300))
def test_noise_is_garbage(data: bytes) -> None:
    with pytest.raises(GarbageError):
        unpacked(data)


@cache
def real_answer() -> bytes:
    """What a worker says of a message with findings."""
    judge = linter_task({"default": Policy()}, (), "en", 10_000)()["default"]
    return packed(Answer(judge(b"Subject: FREE MONEY NOW!!!\n\nx"), 5))[HEAD:]


@given(st.data())
def test_an_answer_with_wrong_bytes_is_an_answer_or_garbage(data: st.DataObject) -> None:
    payload = bytearray(real_answer())
    for _ in range(data.draw(st.integers(1, 5))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(unpacked(payload), Answer)
    except GarbageError:
        assert payload
