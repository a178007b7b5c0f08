"""What every benchmark shares: a comparison, a step, how much of everything, and taking turns."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERVICES = 100


@dataclass(frozen=True)
class Result:
    """One comparison: ours against theirs, in seconds, and the bar that the ratio is held against, if any."""

    name: str
    ours: str
    theirs: str
    ours_s: float
    theirs_s: float
    ratio: float
    bar: str
    met: bool | None
    checked: str


@dataclass(frozen=True)
class Step:
    """One step of work with a file of national size: seconds, and the most memory that its process has held, where it is told."""

    name: str
    step: str
    seconds: float
    peak_gb: float | None
    said: str


@dataclass(frozen=True)
class Sizes:
    """How much of everything: the real thing, or just enough to see that it runs."""

    points: int
    runs: int
    processes: int
    # Points of one tile of made-up streets; of the ten-fold graph, in tiles; of what pandana can prepare in a minute; and of
    # the files of national size, in tiles.
    road_nodes: int
    tiles: int
    pandana_nodes: int
    national_nodes: int
    national_tiles: int


FULL = Sizes(
    2_000_000,
    runs=5,
    processes=15,
    road_nodes=1_400_000,
    tiles=10,
    pandana_nodes=400_000,
    national_nodes=1_050_000,
    national_tiles=3,
)
SMOKE = Sizes(
    60_000,
    runs=1,
    processes=1,
    road_nodes=3_000,
    tiles=10,
    pandana_nodes=3_000,
    national_nodes=1_000,
    national_tiles=3,
)


def by_turns(ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> tuple[float, float]:
    """Return the median seconds of each, run by turns so that a drift of the machine meets both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for call, kept in zip((ours, theirs), times, strict=True):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def measured(what: str, **arguments: Any) -> Any:  # noqa: ANN401 - whatever can be written as JSON
    """Run a part of measured.py in a process of its own, whose memory is its own, and return what it found."""
    script = Path(__file__).with_name("measured.py")
    done = subprocess.run(
        [sys.executable, str(script), what, json.dumps(arguments)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{what}: {done.stderr.strip()}")
    return json.loads(done.stdout)
