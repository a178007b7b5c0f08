"""What a cell of authorities says, and that no cell, however written, takes more than its length in work."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcp_geo.authorities import register
from rcp_geo.io import served_areas
from rcp_geo.io.served_areas import Areas, read_areas
from rcp_geo.names import match_authority
from rcp_geo.schema import Finding

DAY = dt.date(2024, 5, 1)


def read(*cells: str, authority: str = "") -> Areas:
    rows = [f"row {i}" for i in range(len(cells))]
    return read_areas("list", rows, pd.Series(cells, dtype=object), pd.Series([authority] * len(cells)), DAY)


def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is held against the names of authorities from here on."""
    seen: list[str] = []
    real = served_areas.names_one

    def spy(as_of: dt.date | None) -> Callable[[str], bool]:
        known = real(as_of)
        return lambda text: bool(seen.append(text)) or known(text)

    monkeypatch.setattr(served_areas, "names_one", spy)
    return seen


def by_every_run(text: str) -> list[str]:
    """Return the names in a text by trying every run of its pieces, the longest first, as a reader would."""
    marks = [(m.start(), m.end()) for m in re.finditer(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s+&\s+|\s*\+\s*", text)]
    starts, ends = [0, *(e for _, e in marks)], [*(s for s, _ in marks), len(text)]
    found, i = [], 0
    while i < len(starts):
        runs = {j: text[starts[i] : ends[j]].strip() for j in range(i, len(starts))}
        exact = match_authority(list(runs.values()), as_of=DAY)["method"].isin(["code", "name", "variant"])
        j = max((j for j, one in zip(runs, exact, strict=True) if one), default=i)
        found += [runs[j]] if runs[j] else []
        i = j + 1
    return found


NAMES = [
    "Kent",
    "Medway",
    "Bristol, City of",
    "Bournemouth, Christchurch and Poole",
    "Kensington and Chelsea",
    "Nowhere",
]
TAILS = ["", ", Royal Borough of", " Council, children and families", ", City of"]


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(TAILS)).map("".join), min_size=1, max_size=4),
    st.sampled_from([", ", " and ", " & ", ", and ", "+"]),
)
def test_names_that_hold_commas_are_kept_whole_as_by_trying_every_run(names: list[str], mark: str) -> None:
    text = mark.join(names)
    known = served_areas.names_one(DAY)
    assert [name for name, _ in served_areas._parted(text, known)] == by_every_run(text)


@pytest.mark.parametrize("name", sorted(register().frame["authority_name"].unique()))
def test_every_official_name_is_one_name_alone_and_in_a_list(name: str) -> None:
    known = served_areas.names_one(DAY)
    if match_authority([name], as_of=DAY)["method"].iloc[0] == "name":
        assert served_areas._parted(name, known) == [(name, "whole")]
        assert served_areas._parted(f"Leeds, {name} and Medway", known) == [
            (n, "whole") for n in ("Leeds", name, "Medway")
        ]


@pytest.mark.parametrize("pieces", [50, 300])
def test_the_work_on_a_cell_grows_as_its_length(pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = asked(monkeypatch)
    read(", ".join(f"place {i}" for i in range(pieces)))
    assert 0 < len(seen) <= pieces * served_areas._longest()


def test_a_cell_that_many_rows_share_is_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = asked(monkeypatch)
    areas = read(*["Kent and Medway"] * 500)
    assert seen == ["Kent and Medway"]
    assert [code for code, *_ in areas.served[499]] == ["E10000016", "E06000035"]


@pytest.mark.parametrize("mark", [", ", "; ", " and ", "\n", ",", "/"])
def test_a_cell_of_more_names_than_there_are_authorities_is_named_and_not_read(
    mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = asked(monkeypatch)
    most = len(register().frame)
    areas = read(mark.join(["Kent"] * (most + 1)), "Medway", authority="Leeds")
    assert [f for f in areas.findings if f.severity != "info"] == [
        Finding(
            "authority.too_many",
            "error",
            "list",
            "served",
            ("row 0",),
            f"1 rows list more than the {most} authorities that there have been since 2011, and were not read",
            "name each authority that is served once",
        )
    ]
    # Nor is it taken to serve the authority that it is in: it says whom it serves, though not so that it can be read.
    assert areas.served == [[], [("E06000035", "whole", "stated")]]
    assert not seen
    full = read(mark.join(["Kent"] * most))
    assert full.findings == []
    assert full.served == [[("E10000016", "whole", "stated")]]


@pytest.mark.parametrize("run", [" " * 1000, "\n" * 1000, " \n" * 500, "\t" * 1000])
def test_patterns_meet_no_run_of_spaces(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    real = served_areas._split
    monkeypatch.setattr(served_areas, "_split", lambda cell, known: texts.append(cell) or real(cell, known))
    areas = read(f"Kent{run};{run}Medway{run}(part)")
    assert not re.search(r"\s\s", texts[0])
    codes = [(code, extent) for code, extent, _ in areas.served[0]]
    assert ("E10000016", "whole") in codes
    assert any(code == "E06000035" for code, _ in codes)
