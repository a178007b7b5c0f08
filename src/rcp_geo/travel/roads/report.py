"""What a network is made of, and the part of it that hangs together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rcp_geo.travel.roads.edges import RoadEdges
from rcp_geo.travel.roads.graph import Graph
from rcp_geo.travel.roads.settings import Components

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["counts", "digest", "largest", "settings_digest"]

_DIGESTED = (
    "x",
    "y",
    "u",
    "v",
    "length_m",
    "oneway",
    "speed_kmh",
    "duration_s",
    "duration_back_s",
    "road_class",
    "coords",
    "offsets",
)


def digest(edges: RoadEdges) -> str:
    """Return the sha256 of what costs depend on: nodes, edges, geometry, and what is stated of them."""
    found = hashlib.sha256("\x1f".join(edges.classes).encode())
    for name in _DIGESTED:
        value = getattr(edges, name)
        found.update(f"\x1e{name}\x1f".encode())
        if value is not None:
            found.update(np.ascontiguousarray(value).data)
    return found.hexdigest()


def settings_digest(settings: Mapping[str, Any]) -> str:
    """Return the sha256 of settings, whatever their order."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def counts(edges: RoadEdges, graph: Graph) -> dict[str, Any]:
    """Return what :meth:`RoadNetwork.info` says of the edges."""
    km = edges.length_m / 1000
    by_class = np.bincount(edges.road_class, weights=km, minlength=len(edges.classes))
    seen = np.bincount(edges.road_class, minlength=len(edges.classes)) > 0
    degree = np.bincount(np.r_[edges.u, edges.v], minlength=len(edges.x))
    total = float(km.sum())
    return {
        "nodes": len(edges.x),
        "edges": len(edges),
        "km": total,
        "km_by_class": {c: float(by_class[i]) for i, c in enumerate(edges.classes) if seen[i]},
        "oneway_share": float((km * edges.oneway).sum() / total) if total > 0 else 0.0,
        "components": int(graph.weak.max()) + 1,
        "largest_component_nodes": _largest_size(graph.weak),
        "strong_components": int(graph.strong.max()) + 1,
        "largest_strong_component_nodes": _largest_size(graph.strong),
        "dead_ends": int((degree == 1).sum()),
    }


def _largest_size(labels: NDArray[np.int32]) -> int:
    return int(np.bincount(labels).max())


def largest(edges: RoadEdges, components: Components) -> RoadEdges:
    """Keep the nodes of the largest component, and the edges between them."""
    cost = np.zeros(len(edges))
    graph = Graph(len(edges.x), edges.u, edges.v, cost, np.where(edges.oneway, np.inf, cost))
    labels = graph.weak if components == "largest" else graph.strong
    # Equal sizes go to the component with the smallest number.
    kept = labels == np.bincount(labels).argmax()
    return edges.keep(kept[edges.u] & kept[edges.v], kept)
