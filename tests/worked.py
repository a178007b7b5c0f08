"""Answers worked by hand from the rows of the directory, before any code was run on them.

Each line of `EXPECTED` is a date, an authority code of the vintage in use on that date, a group, the answer, and why.
`CARRIED` does the same for footprints made up to try the rules of carrying that no embedded row exercises.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

EXPECTED: list[tuple[date, str, str, str, str]] = [
    # Where a court sits is not whom it serves.
    (date(2021, 7, 1), "E08000031", "fdac", "none_recorded", "Wolverhampton: the court sits there, no row names it"),
    (date(2021, 7, 1), "E08000031", "any", "none_recorded", "Wolverhampton: no footprint of any family"),
    (date(2021, 7, 1), "E09000018", "fdac", "none_recorded", "Hounslow: Feltham court sits there, no row names it"),
    (date(2015, 6, 1), "E09000018", "any", "none_recorded", "Hounslow: no footprint of any family, in any year"),
    (date(2020, 8, 31), "E08000027", "fdac", "none_recorded", "Dudley: not started to 2020-08, all of that month"),
    (date(2020, 9, 1), "E08000027", "fdac", "served", "Dudley: operating from 2020-09, read as its first day"),
    (date(2021, 7, 2), "E08000030", "fdac", "served", "Walsall: last day that the evidence reaches"),
    (date(2021, 7, 3), "E08000030", "fdac", "unknown", "Walsall: one day past the evidence, which is not a closing"),
    (date(2022, 11, 1), "E08000028", "fdac", "unknown", "Sandwell: outside every window of Black Country"),
    # London's boroughs, one service whose footprint changes.
    (date(2015, 6, 1), "E09000007", "fdac", "served", "Camden: founding borough, 2008-01 to 2017"),
    (date(2017, 12, 31), "E09000007", "fdac", "served", "Camden: valid_to 2017 is read as its last day"),
    (date(2018, 1, 1), "E09000007", "fdac", "served", "Camden: second row starts at 2018-01, no day between"),
    (date(2019, 6, 1), "E09000007", "fdac", "served", "Camden: on the lists of 2018 and 2024, inferred is clear"),
    (date(2015, 6, 1), "E09000019", "fdac", "served", "Islington: founding borough, 2008-01 to 2017"),
    (date(2017, 12, 31), "E09000019", "fdac", "served", "Islington: last day of 2017"),
    (date(2018, 1, 1), "E09000019", "fdac", "none_recorded", "Islington: its only row ended, and a gap is not doubt"),
    (date(2019, 6, 1), "E09000019", "fdac", "none_recorded", "Islington: not a borough of London's court any more"),
    (date(2019, 6, 1), "E09000019", "any", "unknown", "Islington: Pause is evidenced to 2017 only"),
    (date(2015, 1, 31), "E09000028", "fdac", "none_recorded", "Southwark: first row starts at 2015-02"),
    (date(2016, 6, 1), "E09000028", "fdac", "served", "Southwark: 2015-02 to 2017, inferred"),
    (date(2018, 6, 1), "E09000028", "fdac", "unknown", "Southwark: an unclear row for 2018"),
    (date(2021, 7, 1), "E09000028", "fdac", "unknown", "Southwark: joined at an unknown time, 2019 to 2024-02 unclear"),
    (date(2024, 3, 11), "E09000028", "fdac", "served", "Southwark: row from 2024-03, court operating on that very day"),
    (date(2024, 3, 12), "E09000028", "fdac", "unknown", "Southwark: the window of the court was one day long"),
    (date(2018, 6, 1), "E09000002", "fdac", "none_recorded", "Barking and Dagenham: no row before 2019"),
    (date(2021, 7, 1), "E09000002", "fdac", "unknown", "Barking and Dagenham: unclear from 2019 to 2024-02"),
    (date(2024, 3, 11), "E09000002", "fdac", "served", "Barking and Dagenham: row from 2024-03, court operating"),
    (date(2021, 7, 1), "E09000026", "fdac", "unknown", "Redbridge: unclear from 2019 to 2024-02"),
    (date(2021, 7, 1), "E09000031", "fdac", "unknown", "Waltham Forest: unclear from 2019 to 2024-02"),
    (date(2015, 2, 28), "E09000013", "fdac", "served", "Hammersmith and Fulham: 2015-02 reaches its last day"),
    (date(2015, 3, 1), "E09000013", "fdac", "unknown", "Hammersmith and Fulham: unclear from 2015-03"),
    (date(2018, 1, 1), "E09000013", "fdac", "none_recorded", "Hammersmith and Fulham: no row after 2017"),
    (date(2021, 7, 1), "E09000013", "any", "served", "Hammersmith and Fulham: local Action for Change operates"),
    (date(2010, 1, 1), "E09000033", "fdac", "served", "Westminster: founding borough; boundaries of 2019 stand in"),
    (date(2016, 1, 1), "E09000033", "fdac", "unknown", "Westminster: unclear from 2015-03 to 2017"),
    (date(2018, 12, 31), "E09000024", "fdac", "served", "Merton: stated for 2018"),
    (date(2019, 1, 1), "E09000024", "fdac", "unknown", "Merton: when it left is not known"),
    (date(2024, 3, 11), "E09000024", "fdac", "none_recorded", "Merton: the unclear row ended with 2024-02"),
    (date(2015, 12, 31), "E09000022", "fdac", "none_recorded", "Lambeth: its first row starts with 2016"),
    (date(2016, 1, 1), "E09000022", "fdac", "served", "Lambeth: valid_from 2016 is read as its first day"),
    # Footprints that grew.
    (date(2022, 11, 1), "E08000010", "fdac", "none_recorded", "Wigan: the Manchester court serves it from 2023-04"),
    (date(2022, 11, 1), "E08000010", "any", "unknown", "Wigan: Pause is evidenced to 2018-08-14 only"),
    (date(2023, 3, 31), "E08000003", "fdac", "none_recorded", "Manchester: the court operates, its row is a day off"),
    (date(2022, 11, 1), "E08000003", "any", "none_recorded", "Manchester: the court sits there, no row holds yet"),
    (date(2023, 4, 1), "E08000003", "fdac", "served", "Manchester: valid from 2023-04, operating to 2023-04-30"),
    (date(2023, 5, 1), "E08000010", "fdac", "unknown", "Wigan: the court's window ended with 2023-04"),
    (date(2025, 7, 1), "E08000010", "fdac", "served", "Wigan: a window of one day, on the boundaries of 2025"),
    (date(2022, 11, 1), "E08000007", "fdac", "served", "Stockport: from 2021-01, court operating to 2022-12-01"),
    (date(2021, 7, 1), "E10000031", "fdac", "none_recorded", "Warwickshire: joined Coventry's court in 2021-10"),
    (date(2021, 10, 1), "E10000031", "fdac", "served", "Warwickshire: the month inferred, inferred is clear"),
    (date(2021, 7, 1), "E08000026", "fdac", "served", "Coventry: from 2015-10, court operating"),
    # Districts, and authorities that split, merged or changed code.
    (date(2016, 12, 31), "E10000006", "pause", "none_recorded", "Cumbria: not started to 2016, all of it"),
    (date(2018, 6, 1), "E10000006", "pause", "part", "Cumbria: Allerdale and Copeland, two districts of six"),
    (date(2019, 3, 31), "E10000006", "pause", "part", "Cumbria: the second window is 2019-03"),
    (date(2019, 4, 1), "E10000006", "pause", "unknown", "Cumbria: outside every window"),
    (date(2023, 6, 1), "E06000063", "pause", "unknown", "Cumberland: holds both districts, status not evidenced"),
    (date(2023, 6, 1), "E06000064", "pause", "none_recorded", "Westmorland and Furness: holds neither district"),
    (date(2023, 6, 1), "E06000064", "any", "none_recorded", "Westmorland and Furness: nothing else reaches it"),
    (date(2016, 1, 31), "E10000016", "fdac", "none_recorded", "Kent: not started to 2016-01"),
    (date(2021, 7, 1), "E10000016", "fdac", "part", "Kent: four districts of twelve"),
    (date(2021, 7, 1), "E10000016", "any", "part", "Kent: no Pause and no local service has a row there"),
    (date(2022, 11, 1), "E10000016", "fdac", "unknown", "Kent: between 2021-07-02 and the closing of 2023-04-01"),
    (date(2023, 4, 1), "E10000016", "fdac", "none_recorded", "Kent: closed"),
    (date(2021, 7, 1), "E06000035", "fdac", "unknown", "Medway: unclear whether it stayed in Kent's court"),
    (date(2021, 7, 1), "E06000035", "local", "in_development", "Medway: advocacy 2021-07-01 to 2021-12-31"),
    (date(2021, 7, 1), "E06000035", "any", "unknown", "Medway: unknown comes before in development"),
    (date(2022, 1, 1), "E06000035", "local", "unknown", "Medway: past its window nothing says that it opened"),
    (date(2023, 4, 1), "E06000035", "fdac", "none_recorded", "Medway: a closed court adds nothing, unclear row or not"),
    (date(2019, 6, 1), "E10000002", "fdac", "served", "Buckinghamshire county: same ground as the unitary"),
    (date(2020, 2, 1), "E10000002", "fdac", "unknown", "Buckinghamshire county: unclear from 2020"),
    (date(2021, 7, 1), "E06000060", "fdac", "unknown", "Buckinghamshire: no page confirms it after 2019"),
    (date(2021, 7, 1), "E06000042", "fdac", "served", "Milton Keynes: the other authority of the same court"),
    (date(2019, 11, 13), "E10000021", "pause", "in_development", "Northamptonshire: agreed in that week"),
    (date(2019, 11, 16), "E10000021", "pause", "unknown", "Northamptonshire: between two windows"),
    (date(2020, 2, 1), "E10000021", "pause", "served", "Northamptonshire: one service covers both successors whole"),
    (date(2021, 3, 31), "E10000021", "pause", "served", "Northamptonshire: last day of the county"),
    (date(2021, 4, 1), "E06000061", "pause", "served", "North Northamptonshire: first day, named by the row"),
    (date(2021, 7, 1), "E06000062", "pause", "served", "West Northamptonshire: named by the row, inferred is clear"),
    (date(2022, 11, 1), "E10000023", "local", "served", "North Yorkshire county: operating 2020 to 2023-04"),
    (date(2023, 4, 30), "E06000065", "local", "served", "North Yorkshire: carried to the unitary, last day"),
    (date(2023, 5, 1), "E06000065", "local", "unknown", "North Yorkshire: one day past the window"),
    (date(2021, 7, 1), "E08000019", "local", "served", "Sheffield: Fresh Start operating 2018 to 2023"),
    (date(2024, 5, 31), "E08000019", "local", "served", "Sheffield: Growth operating in 2024-05"),
    (date(2025, 6, 1), "E08000039", "local", "unknown", "Sheffield: the new code carries the rows of the old one"),
    (date(2025, 6, 1), "E08000038", "any", "none_recorded", "Barnsley: no row under the old code or the new"),
    (date(2021, 7, 1), "E08000016", "any", "none_recorded", "Barnsley: no row"),
    # Services that stop, start, close and are planned.
    (date(2021, 7, 1), "E10000027", "fdac", "served", "Somerset: operating 2021-01 to 2022-09"),
    (date(2022, 9, 30), "E10000027", "fdac", "served", "Somerset: last day of 2022-09"),
    (date(2022, 11, 1), "E10000027", "fdac", "none_recorded", "Somerset: closed from 2022-10"),
    (date(2022, 11, 1), "E10000027", "any", "unknown", "Somerset: Pause is evidenced to 2021-11-09"),
    (date(2023, 6, 1), "E06000066", "fdac", "none_recorded", "Somerset unitary: closed has no end"),
    (date(2023, 6, 1), "E06000066", "pause", "unknown", "Somerset unitary: carried from the county, no status"),
    (date(2022, 1, 24), "E06000059", "pause", "none_recorded", "Dorset: not started to this day"),
    (date(2022, 11, 1), "E06000059", "pause", "in_development", "Dorset: launch set for early 2023"),
    (date(2022, 11, 1), "E06000059", "any", "in_development", "Dorset: nothing else reaches it"),
    (date(2023, 1, 1), "E06000059", "pause", "served", "Dorset: operating from 2023, read as its first day"),
    (date(2016, 11, 7), "E08000017", "pause", "served", "Doncaster: last day of the first phase"),
    (date(2017, 12, 1), "E08000017", "pause", "unknown", "Doncaster: between two phases, no paused window"),
    (date(2018, 6, 1), "E08000017", "pause", "served", "Doncaster: second phase from 2018-06"),
    (date(2022, 11, 1), "E08000017", "pause", "served", "Doncaster: third window reaches 2022-12-01"),
    (date(2018, 10, 1), "E10000032", "pause", "served", "West Sussex: last day of the first phase"),
    (date(2021, 7, 1), "E10000032", "pause", "unknown", "West Sussex: between two phases"),
    (date(2022, 10, 31), "E10000032", "pause", "unknown", "West Sussex: a day before the second phase is inferred"),
    (date(2022, 11, 1), "E10000032", "pause", "served", "West Sussex: inferred from this day"),
    (date(2020, 1, 31), "E06000047", "pause", "none_recorded", "Durham: not started to 2020-01"),
    (date(2020, 2, 29), "E06000047", "pause", "part", "Durham: East Durham only; 2020-02 has 29 days"),
    (date(2020, 2, 29), "E06000047", "any", "served", "Durham: the local pre-birth team is county-wide"),
    (date(2020, 3, 15), "E06000047", "pause", "unknown", "Durham: the part row holds, the status does not"),
    (date(2020, 7, 1), "E06000047", "pause", "unknown", "Durham: between two phases"),
    (date(2021, 1, 1), "E06000047", "pause", "served", "Durham: in-house from 2021"),
    (date(2024, 12, 31), "E08000012", "fdac", "none_recorded", "Liverpool: not started to 2024"),
    (date(2025, 1, 1), "E08000012", "fdac", "served", "Liverpool: operating in 2025, all of it, inferred"),
    (date(2026, 1, 1), "E08000012", "fdac", "unknown", "Liverpool: past the evidence"),
    (date(2017, 10, 31), "E10000008", "fdac", "served", "Devon: Peninsula court operating to 2017-10"),
    (date(2017, 11, 15), "E10000008", "fdac", "unknown", "Devon: between the evidence and the closing"),
    (date(2018, 1, 1), "E10000008", "fdac", "none_recorded", "Devon: closed from 2018"),
    (date(2007, 12, 31), "E10000012", "fdac", "none_recorded", "Essex: no FDAC anywhere yet"),
    (date(2022, 11, 1), "E10000012", "fdac", "unknown", "Essex: named for money, nothing shows that it opened"),
    (date(2021, 7, 1), "E06000054", "fdac", "none_recorded", "Wiltshire: not started to 2022-03"),
    (date(2022, 11, 1), "E06000054", "fdac", "unknown", "Wiltshire: opened at some time in 2022/23"),
    (date(2023, 3, 31), "E06000054", "fdac", "served", "Wiltshire: certain on this one day"),
    (date(2020, 6, 1), "E08000035", "fdac", "unknown", "Leeds: between 2019 and 2021-07-01"),
    (date(2021, 7, 1), "E08000035", "fdac", "served", "Leeds: first day of its second window"),
    (date(2021, 6, 30), "E08000037", "fdac", "unknown", "Gateshead: North East court evidenced from 2021-07-01"),
    (date(2021, 7, 1), "E08000037", "fdac", "served", "Gateshead: 2021-07-01 to 2022-12-01, inferred"),
    (date(2021, 7, 1), "E08000015", "pause", "unknown", "Wirral: start not stated"),
    (date(2022, 11, 1), "E08000015", "pause", "served", "Wirral: inferred from 2022-04 to 2023-03-31"),
    (date(2022, 11, 1), "E06000010", "pause", "served", "Hull: evidence of the day before, carried over one day"),
    (date(2022, 11, 2), "E06000010", "pause", "unknown", "Hull: carried no further"),
    # Local services.
    (date(2022, 9, 16), "E10000020", "local", "served", "Norfolk: MPower operates; one in development is hidden by it"),
    (date(2022, 12, 2), "E10000020", "local", "unknown", "Norfolk: MPower is past its evidence"),
    (date(2021, 7, 1), "E08000008", "local", "unknown", "Tameside: status and area both not evidenced"),
    (date(2015, 6, 1), "E08000026", "local", "unknown", "Coventry: Early FDAC, no window between 2007 and its closing"),
    (date(2021, 7, 1), "E08000026", "local", "none_recorded", "Coventry: Early FDAC closed by 2019-05-01"),
    (date(2021, 7, 31), "E09000026", "local", "none_recorded", "Redbridge: not started to 2021-07, all of it"),
    (date(2021, 8, 31), "E09000026", "local", "served", "Redbridge: operating in 2021-08"),
    (date(2021, 9, 1), "E09000026", "local", "unknown", "Redbridge: nothing later is claimed"),
    (date(2015, 6, 1), "E08000025", "local", "none_recorded", "Birmingham: Breaking the Cycle has no footprint at all"),
    (date(2021, 7, 1), "E09000001", "any", "none_recorded", "City of London: no row"),
    (date(2005, 1, 1), "E09000012", "any", "none_recorded", "Hackney: before any service of any family"),
]


class Footprint(NamedTuple):
    """One made-up footprint row, valid on every date."""

    service: str
    authority_code: str
    tier: str
    vintage: str
    extent: str
    certainty: str


class Carried(NamedTuple):
    """Footprints of FDACs that all have one status on every date, and the answer of one authority."""

    as_of: date
    footprints: tuple[Footprint, ...]
    status: str
    authority_code: str
    answer: str
    why: str


def _rows(codes: str, extent: str = "whole", *, service: str = "a", certainty: str = "stated") -> tuple[Footprint, ...]:
    def tier(code: str) -> str:
        return "lower" if code.startswith("E07") else "upper"

    def vintage(code: str) -> str:
        return "2021-04-01" if code in {"E06000061", "E06000062"} else "2019-04-01"

    return tuple(Footprint(service, code, tier(code), vintage(code), extent, certainty) for code in codes.split())


CARRIED: list[Carried] = [
    Carried(
        date(2021, 7, 1),
        _rows("E10000021"),
        "operating",
        "E06000061",
        "served",
        "a whole footprint passes to every successor of a split as it is",
    ),
    Carried(
        date(2021, 7, 1),
        _rows("E10000021", "part"),
        "operating",
        "E06000061",
        "unknown",
        "a part footprint may lie in either successor of a split",
    ),
    Carried(
        date(2021, 7, 1),
        _rows("E10000021", "part"),
        "operating",
        "E06000062",
        "unknown",
        "a part footprint may lie in either successor of a split",
    ),
    Carried(
        date(2021, 7, 1),
        _rows("E10000021", "part"),
        "in_development",
        "E06000062",
        "in_development",
        "in development with any footprint, split or not",
    ),
    Carried(
        date(2020, 7, 1),
        _rows("E10000021", "part"),
        "operating",
        "E10000021",
        "part",
        "the same part footprint before the split",
    ),
    Carried(
        date(2020, 7, 1),
        _rows("E06000061"),
        "operating",
        "E10000021",
        "part",
        "one of two later unitaries is a part of the county before them",
    ),
    Carried(
        date(2020, 7, 1),
        _rows("E06000061") + _rows("E06000062"),
        "operating",
        "E10000021",
        "served",
        "one service that covers both later unitaries whole covers the county whole",
    ),
    Carried(
        date(2020, 7, 1),
        _rows("E06000061") + _rows("E06000062", service="b"),
        "operating",
        "E10000021",
        "part",
        "two services with a part each never add up to served",
    ),
    Carried(
        date(2020, 7, 1),
        _rows("E06000061") + _rows("E06000062", certainty="unclear"),
        "operating",
        "E10000021",
        "part",
        "the clear half is a part, the unclear half does not complete it",
    ),
    Carried(
        date(2020, 7, 1),
        _rows("E06000061", "part") + _rows("E06000062", "part"),
        "operating",
        "E10000021",
        "part",
        "several parts never add up to served, within one service too",
    ),
    Carried(
        date(2020, 7, 1),
        _rows("E07000004 E07000005 E07000006 E07000007"),
        "operating",
        "E06000060",
        "served",
        "every district of Buckinghamshire covered whole, carried over the merger",
    ),
    Carried(
        date(2020, 7, 1),
        _rows("E07000004 E07000005 E07000006"),
        "operating",
        "E06000060",
        "part",
        "three districts of four",
    ),
    Carried(
        date(2020, 7, 1),
        _rows("E07000004 E07000005 E07000006") + _rows("E07000007", "part"),
        "operating",
        "E06000060",
        "part",
        "the fourth district is covered in part only",
    ),
    Carried(
        date(2020, 7, 1),
        _rows("E07000007", "part"),
        "operating",
        "E06000060",
        "part",
        "a part of one district is a part of the authority that holds it",
    ),
    Carried(
        date(2023, 6, 1),
        _rows("E07000026 E07000028 E07000029"),
        "operating",
        "E06000063",
        "served",
        "the three districts that Cumberland was made of",
    ),
    Carried(
        date(2022, 6, 1),
        _rows("E07000026 E07000028 E07000029"),
        "operating",
        "E10000006",
        "part",
        "the same three districts are half of Cumbria's",
    ),
    Carried(
        date(2023, 6, 1),
        _rows("E10000006", certainty="unclear"),
        "operating",
        "E06000064",
        "unknown",
        "doubt about the county is doubt about each successor",
    ),
    Carried(
        date(2023, 6, 1),
        _rows("E10000006", certainty="inferred"),
        "operating",
        "E06000064",
        "served",
        "inferred is clear",
    ),
    Carried(
        date(2023, 6, 1),
        _rows("E10000006"),
        "paused",
        "E06000064",
        "none_recorded",
        "a paused service adds nothing, however wide its footprint",
    ),
    Carried(
        date(2023, 6, 1),
        _rows("E10000006"),
        "unknown",
        "E06000064",
        "unknown",
        "unknown status is unknown, however clear the footprint",
    ),
    Carried(
        date(2025, 6, 1),
        _rows("E08000016", "part"),
        "operating",
        "E08000038",
        "part",
        "a new code for the same place is not a split",
    ),
    Carried(
        date(2021, 7, 1),
        _rows("E08000016"),
        "operating",
        "E08000016",
        "served",
        "Barnsley keeps its old code before April 2025",
    ),
]
