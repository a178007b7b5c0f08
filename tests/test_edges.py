"""The table of edges: arrays that fit together, and lengths that are settled or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rcp_geo.errors import InputError
from rcp_geo.travel import RoadEdges
from rcp_geo.travel.roads.edges import settle_lengths


def table(**changed: Any) -> RoadEdges:
    """Three edges: 0–1 with a bend (5 m by its geometry), 1–2 (4 m) and a straight 2–0 (5 m)."""
    columns: dict[str, Any] = {
        "x": np.array([0.0, 3.0, 3.0]),
        "y": np.array([0.0, 0.0, 4.0]),
        "node_id": np.array(["a", "b", "c"], dtype=object),
        "u": np.array([0, 1, 2]),
        "v": np.array([1, 2, 0]),
        "length_m": np.array([5.0, 4.0, 5.0]),
        "coords": np.array([(0, 0), (0, 1), (3, 1), (3, 0), (3, 0), (3, 4), (3, 4), (0, 0)], dtype=float),
        "offsets": np.array([0, 4, 6, 8]),
    }
    return RoadEdges(**{**columns, **changed})


def test_what_is_not_said_is_filled_in() -> None:
    edges = RoadEdges(x=[0.0, 1.0], y=[0.0, 0.0], u=[0], v=[1])  # type: ignore[arg-type]
    assert len(edges) == 1
    assert edges.node_id.tolist() == [0, 1]
    assert np.isnan([edges.length_m, edges.speed_kmh, edges.duration_s]).all()
    assert (edges.oneway.tolist(), edges.class_names().tolist()) == ([False], [""])
    assert edges.measured_m.tolist() == [1.0]
    assert RoadEdges(x=[], y=[], u=[], v=[]).measured_m.tolist() == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"y": np.zeros(2)}, "y has 2 values where 3 are needed"),
        ({"oneway": np.zeros(4, dtype=bool)}, "oneway has 4 values where 3 are needed"),
        ({"duration_back_s": np.zeros(1)}, "duration_back_s has 1 values"),
        ({"offsets": None}, "coords and offsets belong together"),
        ({"offsets": np.array([0, 4, 8])}, "every edge needs two points or more"),
        ({"offsets": np.array([0, 4, 5, 8])}, "every edge needs two points or more"),
        ({"v": np.array([1, 2, 3])}, "beyond the 3 there are"),
        ({"u": np.array([-1, 1, 2])}, "beyond the 3 there are"),
    ],
)
def test_arrays_that_do_not_fit(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=f"edges: .*{said}"):
        table(**changed)


def test_geometry_is_measured_along_it() -> None:
    assert table().measured_m.tolist() == [5.0, 4.0, 5.0]
    assert table(coords=None, offsets=None).measured_m.tolist() == [3.0, 4.0, 5.0]


def test_lengths_as_given() -> None:
    edges = settle_lengths(table(length_m=np.array([50.0, 0.0, 5.0])), "given")
    assert edges.length_m.tolist() == [50.0, 0.0, 5.0]
    (finding,) = edges.findings
    assert (finding.code, finding.severity, finding.ids) == ("edge.length_zero", "warning", ("b to c",))


def test_lengths_that_are_none_are_all_named_at_once() -> None:
    edges = table(length_m=np.array([np.nan, -1.0, np.inf]))
    with pytest.raises(InputError) as caught:
        settle_lengths(edges, "given")
    said = str(caught.value).splitlines()
    assert said[0].startswith(
        "edge.length_missing: edges.length_m: 2 edges have no length (a to b, c to a); correct them, or"
    )
    assert said[1].startswith(
        "edge.length_negative: edges.length_m: 1 edge has a negative length (b to c); correct them"
    )


def test_lengths_measured_where_there_are_none() -> None:
    edges = settle_lengths(table(length_m=np.array([np.nan, -1.0, 7.0])), "fill")
    assert edges.length_m.tolist() == [5.0, 4.0, 7.0]
    (finding,) = edges.findings
    assert (finding.code, finding.ids) == ("edge.length_measured", ("a to b", "b to c"))
    assert settle_lengths(table(length_m=np.array([0.0, 4.0, 5.0])), "fill").length_m[0] == 5.0
    assert settle_lengths(table(), "fill").findings == ()
    # A loop that is only a point stays without extent.
    point = RoadEdges(x=np.zeros(1), y=np.zeros(1), u=np.zeros(1), v=np.zeros(1), length_m=np.zeros(1))
    assert settle_lengths(point, "fill").length_m.tolist() == [0.0]


def test_all_lengths_measured() -> None:
    edges = settle_lengths(table(length_m=np.array([50.0, np.nan, -1.0])), "geometry")
    assert (edges.length_m.tolist(), edges.findings) == ([5.0, 4.0, 5.0], ())
    with pytest.raises(InputError, match="lengths: 'guess' is not known; use given, fill or geometry"):
        settle_lengths(table(), "guess")  # type: ignore[arg-type]


def test_some_of_the_edges() -> None:
    edges = table(duration_back_s=np.array([1.0, 2.0, 3.0]), edge_id=np.array(["e", "f", "g"], dtype=object))
    kept = edges.keep(np.array([False, True, False]), np.array([False, True, True]))
    assert (kept.node_id.tolist(), kept.u.tolist(), kept.v.tolist()) == (["b", "c"], [0], [1])
    assert (kept.coords.tolist(), kept.offsets.tolist()) == ([[3.0, 0.0], [3.0, 4.0]], [0, 2])  # type: ignore[union-attr]
    assert (kept.duration_back_s.tolist(), kept.edge_id.tolist()) == ([2.0], ["f"])  # type: ignore[union-attr]
    straight = table(coords=None, offsets=None).keep(np.array([True, True, False]), np.full(3, True))
    assert straight.coords is None
    assert len(straight) == 2
