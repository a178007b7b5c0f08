"""Networks in one file: whole again, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import rcp_geo as rg
from rcp_geo.errors import InputError, IntegrityError
from rcp_geo.travel import RoadEdges
from tests import roads
from tests.roads import homes, lines, sites

ARRAYS = (
    *("x", "y", "u", "v", "length_m", "oneway", "speed_kmh"),
    *("duration_s", "duration_back_s", "road_class", "coords", "offsets"),
)


def network(**settings: Any) -> rg.RoadNetwork:
    frame = lines(
        [(0, 0), (200, 0)],
        [(100, -100), (100, 100)],
        [(0, 0), (0, 9)],
        highway=["primary", None, "x"],
        oneway=["yes", "?", None],
    )
    return rg.RoadNetwork.from_lines(frame, **settings)


@pytest.mark.parametrize("of", ["lines", "square", "numbers"])
def test_there_and_back(tmp_path: Path, of: str) -> None:
    made = {"lines": network, "square": roads.square, "numbers": _numbered}[of]()
    made.save(tmp_path / "a.arrow")
    back = rg.RoadNetwork.load(tmp_path / "a.arrow")
    assert (back.sha256, back.model_id, back.describe()) == (made.sha256, made.model_id, made.describe())
    assert back.findings == made.findings
    for name in (
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
    ):
        ours, theirs = getattr(made.edges, name), getattr(back.edges, name)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)
    assert back.edges.node_id.tolist() == made.edges.node_id.tolist()
    assert back.edges.node_id.dtype == made.edges.node_id.dtype
    assert (back.edges.classes, dict(back.edges.source)) == (made.edges.classes, dict(made.edges.source))
    at, to = homes(h=(10.0, 3.0)), sites(s=(60.0, 1.0))
    assert rg.costs(at, to, back).pairs.equals(rg.costs(at, to, made).pairs)


def _numbered() -> rg.RoadNetwork:
    edges = RoadEdges(
        x=np.array([0.0, 99.0]),
        y=np.zeros(2),
        u=np.array([0]),
        v=np.array([1]),
        length_m=np.array([100.0]),
        node_id=np.array([7_000_000_000, 8]),
        edge_id=np.array([5]),
        duration_back_s=np.array([np.nan]),
    )
    return rg.RoadNetwork.from_edges(edges)


def test_settings_are_kept(tmp_path: Path) -> None:
    made = network(
        impedance="time",
        max_snap_m=55.0,
        access="ignore",
        access_speed_kmh=3.0,
        speeds={"primary": 30.0},
        components="strong",
    )
    made.save(tmp_path / "a.arrow")
    back = rg.RoadNetwork.load(tmp_path / "a.arrow")
    assert back.describe() == made.describe()
    assert (back.max_snap_m, back.access, back.access_speed_kmh, back.speeds) == (
        55.0,
        "ignore",
        3.0,
        {"primary": 30.0},
    )
    assert back.dropped == made.dropped


def test_edges_without_a_name_of_their_own(tmp_path: Path) -> None:
    edges = RoadEdges(
        x=np.array([0.0, 9.0]),
        y=np.zeros(2),
        u=np.zeros(3),
        v=np.ones(3),
        length_m=np.full(3, 9.0),
        edge_id=np.array(["a", None, float("nan")], dtype=object),
    )
    rg.RoadNetwork.from_edges(edges).save(tmp_path / "a.arrow")
    assert rg.RoadNetwork.load(tmp_path / "a.arrow").edges.edge_id.tolist() == ["a", None, None]  # type: ignore[union-attr]
    mixed = RoadEdges(
        x=np.zeros(2),
        y=np.zeros(2),
        u=np.zeros(1),
        v=np.ones(1),
        length_m=np.ones(1),
        node_id=np.array(["a", 1], object),
    )
    with pytest.raises(InputError, match=r"nodes.id: to be saved they must all be whole numbers or all be texts"):
        rg.RoadNetwork.from_edges(mixed).save(tmp_path / "b.arrow")


def test_an_earlier_file_is_kept_unless_told(tmp_path: Path) -> None:
    network().save(tmp_path / "a.arrow")
    before = (tmp_path / "a.arrow").read_bytes()
    with pytest.raises(InputError, match="the file exists"):
        roads.square().save(tmp_path / "a.arrow")
    assert (tmp_path / "a.arrow").read_bytes() == before
    roads.square().save(tmp_path / "a.arrow", overwrite=True)
    assert rg.RoadNetwork.load(tmp_path / "a.arrow").sha256 == roads.square().sha256
    with pytest.raises(InputError, match="does not exist"):
        network().save(tmp_path / "no" / "a.arrow")
    assert [p.name for p in tmp_path.iterdir()] == ["a.arrow"]


def test_the_same_network_makes_the_same_bytes(tmp_path: Path) -> None:
    network().save(tmp_path / "a.arrow")
    network().save(tmp_path / "b.arrow")
    assert (tmp_path / "a.arrow").read_bytes() == (tmp_path / "b.arrow").read_bytes()


def test_arrays_are_used_where_they_lie(tmp_path: Path) -> None:
    network().save(tmp_path / "a.arrow")
    edges = rg.RoadNetwork.load(tmp_path / "a.arrow").edges
    assert not any(getattr(edges, name).flags.owndata for name in ("x", "u", "length_m", "coords", "oneway"))
    assert not edges.x.flags.writeable


def test_any_damage_is_noticed(tmp_path: Path) -> None:
    network().save(tmp_path / "a.arrow")
    whole = (tmp_path / "a.arrow").read_bytes()
    spoilt = tmp_path / "b.arrow"
    refused = 0
    for at in range(0, len(whole), 7):
        data = bytearray(whole)
        data[at] ^= 0x10
        spoilt.write_bytes(data)
        try:
            back = rg.RoadNetwork.load(spoilt)
        except IntegrityError as error:
            assert "make the network again from its source" in str(error)
            refused += 1
        else:
            # What lies between buffers is of no account.
            assert (back.sha256, back.describe()) == (network().sha256, network().describe())
    assert refused > 0.4 * len(whole) / 7
    for size in (0, 5, 8, 100, len(whole) // 2, len(whole) - 1):
        spoilt.write_bytes(whole[:size])
        with pytest.raises(IntegrityError, match=r"b.arrow: is not a saved network, or is damaged or cut short; make"):
            rg.RoadNetwork.load(spoilt)


def test_files_that_are_something_else(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        rg.RoadNetwork.load(tmp_path / "none.arrow")
    for table in (pa.table({"a": [1, 2]}), pa.table({"a": [[1, 2]]}), pa.table({"a": [[1], [2]]}), pa.table({})):
        with pa.OSFile(str(tmp_path / "c.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        with pytest.raises(IntegrityError, match=r"c.arrow: is not a saved network"):
            rg.RoadNetwork.load(tmp_path / "c.arrow")


def test_a_file_of_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rcp_geo.travel.roads import saving

    monkeypatch.setattr(saving, "_FORMAT", "rcp_geo.network.0")
    network().save(tmp_path / "a.arrow")
    monkeypatch.undo()
    with pytest.raises(
        IntegrityError, match=r"is of format 'rcp_geo.network.0', and this version reads rcp_geo.network.1"
    ):
        rg.RoadNetwork.load(tmp_path / "a.arrow")
