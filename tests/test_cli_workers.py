"""Several processes: order, bounds, and what happens when one of them dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from spamlint.cli import workers
from spamlint.cli.judge import Task
from spamlint.cli.workers import in_order
from spamlint.inputs import Found, Input, Unreadable
from spamlint.report.data import FileReport
from spamlint.verdict import Policy

TASK = Task(Policy(select=("subject",)), "en")
LETTER = b"Subject: Hello\n\nHello\n"


def inputs(folder: Path, number: int) -> list[Found]:
    files = [folder / f"{index}.eml" for index in range(number)]
    for file in files:
        file.write_bytes(LETTER)
    return [Input(str(file)) for file in files]


def test_results_come_in_the_order_of_the_inputs(tmp_path: Path) -> None:
    found = inputs(tmp_path, 40)
    found.insert(7, Unreadable("gone", "reason"))
    results = list(in_order(found, TASK, 3))
    assert [item for item, _ in results] == found
    assert results[7][1] == Unreadable("gone", "reason")
    assert sum(isinstance(result, FileReport) for _, result in results) == 40


def test_nothing_in_gives_nothing_out() -> None:
    assert list(in_order([], TASK, 2)) == []
    assert list(in_order([Unreadable("a", "b")], TASK, 2)) == [(Unreadable("a", "b"), Unreadable("a", "b"))]


def test_inputs_are_asked_for_only_as_far_as_needed(tmp_path: Path) -> None:
    asked = 0

    def endless() -> Iterator[Found]:
        nonlocal asked
        (item,) = inputs(tmp_path, 1)
        while True:
            asked += 1
            yield item

    results = in_order(endless(), TASK, 2)
    for _ in range(50):
        next(results)
    results.close()
    assert asked <= 50 + 2 * (workers._WINDOW + workers._AHEAD) + 1


def test_a_process_that_dies_costs_one_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if multiprocessing.get_start_method() != "fork":
        pytest.skip("a judge that kills its process can only be put into a forked one")

    def judge_of(task: Task) -> object:
        def judge(item: Input) -> Unreadable:
            if item.path.endswith("/5.eml"):
                os.kill(os.getpid(), signal.SIGKILL)
            return Unreadable(item.path, "judged")

        return judge

    monkeypatch.setattr(workers, "judge_of", judge_of)
    results = [result for _, result in in_order(inputs(tmp_path, 20), TASK, 2)]
    reasons = [result.reason for result in results if isinstance(result, Unreadable)]
    assert reasons[5] == "the process that checked it ended unexpectedly (exit code -9)"
    assert reasons[:5] + reasons[6:] == ["judged"] * 19
