"""What a worker gets done, told in its log so that CloudWatch makes metrics of it."""

import json

import pytest

from riata_separator.separator import Workload
from riata_separator.worker.throughput import Throughput


class Counting:
    """A backend that says what it has computed."""

    name = "fake"

    def __init__(self) -> None:
        self.done = Workload()

    def workload(self) -> Workload:
        return self.done


class Stopwatch:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


def told(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_pass_tells_its_speed_its_batches_and_how_long_the_model_waited(stopwatch, capsys):
    backend = Counting()
    throughput = Throughput(backend, stopwatch)
    with throughput.measuring() as measured:
        stopwatch.now += 20
        backend.done = Workload(calls=10, items=60, room=80, seconds=15.0)
        measured.add(100.0)
        measured.add(100.0)
    (line,) = told(capsys)
    assert (line["message"], line["backend"], line["seconds"]) == ("separated", "fake", 20.0)
    assert (line["AudioSeconds"], line["AudioSecondsPerSecond"], line["PromptsPerPass"]) == (200.0, 10.0, 2)
    assert (line["BatchFill"], line["ModelWait"]) == (75.0, 25.0)


def test_cloudwatch_is_told_what_is_a_metric_of_what_unit(stopwatch, capsys):
    with Throughput(Counting(), stopwatch).measuring() as measured:
        stopwatch.now += 1
        measured.add(1.0)
    (line,) = told(capsys)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["backend"]]
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == {
        "AudioSeconds": "Seconds", "AudioSecondsPerSecond": "None", "PromptsPerPass": "Count",
    }  # fmt: skip
    assert all(metric["Name"] in line for metric in directive["Metrics"])


def test_time_without_work_is_no_wait_of_the_model(stopwatch, capsys):
    backend = Counting()
    throughput = Throughput(backend, stopwatch)
    for seconds in (4.0, 8.0):
        stopwatch.now += 1000
        with throughput.measuring() as measured:
            stopwatch.now += 10
            backend.done = Workload(1, 1, 1, seconds)
            measured.add(1.0)
    assert [line.get("ModelWait") for line in told(capsys)] == [60.0, None]


def test_passes_side_by_side_share_the_model(stopwatch, capsys):
    backend = Counting()
    throughput = Throughput(backend, stopwatch)
    with throughput.measuring() as first:
        with throughput.measuring() as second:
            stopwatch.now += 10
            backend.done = Workload(2, 8, 8, 9.0)
            second.add(30.0)
        stopwatch.now += 10
        backend.done = Workload(4, 12, 16, 14.0)
        first.add(30.0)
    assert [(line["ModelWait"], line["BatchFill"]) for line in told(capsys)] == [(10.0, 100.0), (50.0, 50.0)]


def test_a_pass_that_separated_nothing_tells_nothing(stopwatch, capsys):
    with Throughput(Counting(), stopwatch).measuring():
        stopwatch.now += 5
    assert told(capsys) == []
