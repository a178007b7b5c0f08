"""Random tables never crash the reader with anything but an error of this library, and no row is lost without a word.

500 examples; 10,000 with the environment variable ``HYPOTHESIS_PROFILE=thorough``.
"""

from __future__ import annotations

import datetime as dt
import os
import warnings
from typing import Any

import geopandas as gpd
import pandas as pd
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shapely import Point, box

import rcp_geo as rg
from rcp_geo.directory import STATUSES
from rcp_geo.errors import InputWarning, RcpGeoError
from rcp_geo.io.columns import FIELDS
from tests import world as small

EXAMPLES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 500
CALM = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

PLAUSIBLE: dict[str, list[Any]] = {
    "name": ["Pause Hull", "Nest", "nest", "FDAC", "服务", 'Zoë\'s "Nest"', "=1+1", "any"],
    "service_id": ["a", "b", "A", "home", "court", "nest", "nest-2", "1", 1, 1.0],
    "family": ["pause", "Pause", "FDAC", "local", "any", "doula", "Family Drug and Alcohol Court"],
    "postcode": ["HU1 2AA", "hu12aa", "HU1", "HU1 2", "HUl 2AA", "ZZ99 9ZZ", "M2O 2RN"],
    "longitude": [-0.3, "-0.3", 0, 53.7, -74.0, "1,5", 510000, float("inf"), 1e308],
    "latitude": [53.7, "53.7", 0, -0.3, 40.7, "53.7N", 428000, float("-inf"), -1e308],
    "authority": [
        "Hull",
        "Leeds",
        "Poole",
        "Narnia",
        "Newcastle",
        "E06000010",
        "E99999999",
        "Hackny",
        "Bristol, City of",
    ],
    "served": [
        "Hull",
        "Leeds, Hull and part of Kent",
        "parts of Kent & Medway",
        "Hull (part); Narnia",
        ", and ,",
        "part of",
    ],
    "extent": ["whole", "part", "most", "All"],
    "status": ["open", "closed", "planned", "paused", "?", "not started", "thriving"],
    "opened": [
        "2019",
        "2021-02-31",
        "1/7/2021",
        "July 2021",
        dt.date(2020, 2, 29),
        pd.Timestamp(2020, 1, 1, 12),
        "9999",
    ],
    "action": ["add", "correct", "retire", "delete", "Closed"],
}
PLAUSIBLE |= {"easting": PLAUSIBLE["longitude"], "northing": PLAUSIBLE["latitude"]}
PLAUSIBLE |= dict.fromkeys(("closed", "observed_from", "observed_to"), PLAUSIBLE["opened"])

ODD = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202e",
    "\ufeff",
    "NaN",
    "-",
    "'" * 50,
    "&",
    " and ",
    "part of ",
    "x" * 5000,
    b"\xff",
]
JUNK = st.one_of(
    st.text(max_size=30),
    st.sampled_from(ODD),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.booleans(),
    st.none(),
    st.datetimes(),
    st.dates(),
    st.lists(st.text(max_size=5), max_size=3),
    st.decimals(allow_nan=False),
)
HEADINGS = st.one_of(
    st.sampled_from([(field, heading) for field, variants in FIELDS.items() for heading in (field, *variants[:4])]),
    st.tuples(st.just(""), st.text(max_size=12)),
    st.tuples(
        st.just(""), st.sampled_from(["geometry", "said_by", "family", "site_id", "0", "\x00", "index", "at", "note"])
    ),
)
# What most tables have, so that many get far.
USUAL = [("name", "name"), ("family", "type"), ("served", "serves"), ("status", "status"), ("opened", "opened")]
POINTS = st.one_of(
    st.none(),
    st.builds(Point, st.floats(-10, 60), st.floats(-10, 60)),
    st.sampled_from([Point(), Point(0, 0), Point(-0.3, 53.7), box(-1, 53, 0, 54), Point(float("nan"), 1)]),
)


@st.composite
def cells(draw: st.DrawFn, field: str) -> Any:
    """What a column's name promises as a rule, sometimes nothing, sometimes anything."""
    kind = draw(st.integers(0, 9)) if field in PLAUSIBLE else 9
    if kind == 9:
        return draw(JUNK)
    return draw(st.sampled_from(PLAUSIBLE[field])) if kind else ""


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """A table of a few columns of any name, the cells of which may be what the name says or anything else."""
    columns = draw(st.lists(HEADINGS, max_size=8))
    if draw(st.integers(0, 3)):
        columns = [c for c in USUAL if draw(st.integers(0, 7))] + columns
    count = draw(st.integers(1, 7)) % 7
    values = [draw(st.lists(cells(field), min_size=count, max_size=count)) for field, _ in columns]
    frame = pd.DataFrame(dict(enumerate(values)), dtype=object, index=range(count))
    frame.columns = [heading for _, heading in columns]
    if draw(st.integers(0, 9)) == 0 and frame.columns.is_unique and "geometry" not in frame.columns:
        shapes = draw(st.lists(POINTS, min_size=count, max_size=count))
        crs = draw(st.sampled_from(["EPSG:4326", "EPSG:27700", "EPSG:3857", None]))
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=crs), crs=crs)
    return frame


AS_OF = st.sampled_from(["2024-05-01", "2022-11-01", None, "2010-01-01"])
BASE = small.draw().directory()


def _read(frame: pd.DataFrame, **options: Any) -> rg.Directory | None:
    """Read a table; None if it was refused, as it may be, in words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        try:
            return rg.read_directory(frame, **options)
        except RcpGeoError as error:
            assert str(error).strip()
            return None


@CALM
@given(tables(), AS_OF, st.sampled_from([None, "local", "any"]), st.booleans())
def test_a_random_table_is_read_or_refused_in_words(
    frame: pd.DataFrame, as_of: str | None, family: str | None, strict: bool
) -> None:
    before = frame.copy(deep=True)
    directory = _read(frame, as_of=as_of, family=family, strict=strict)
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))
    if directory is None:
        return
    assert len(directory.findings) == len(directory.noticed)
    assert set(directory.status_on("2024-05-01")) <= {*STATUSES, "unknown"}
    assert not (strict and (directory.findings["severity"] == "error").any())
    try:
        both = BASE.overlay(directory)
    except RcpGeoError as error:
        assert str(error).strip()
        return
    assert both.overlaid is not None
    assert both.overlaid["service_id"].tolist() == directory.services["service_id"].tolist()
    assert set(BASE.services["service_id"]) <= set(both.services["service_id"])


@CALM
@given(tables(), AS_OF)
def test_every_row_of_a_random_table_is_read_or_named(frame: pd.DataFrame, as_of: str | None) -> None:
    assume(len(frame) > 0)
    marks = [f"mark {i}" for i in range(len(frame))]
    frame.insert(0, "my mark", marks, allow_duplicates=True)
    directory = _read(frame, as_of=as_of, family="local")
    if directory is None:
        return
    read = set(directory.services["my mark"])
    named = {i for f in directory.noticed for i in f.ids}
    assert [m for i, m in enumerate(marks) if m not in read and f"row {i}" not in named] == []
