"""Names and codes as people write them, matched to the authority that they mean or reported; never wrong."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rcp_geo.authorities import register
from rcp_geo.errors import InputError
from rcp_geo.names import match_authority, match_findings
from rcp_geo.names.lookup import lookup
from rcp_geo.names.reading import read
from rcp_geo.names.tables import ALIASES, AREAS, CITIES, COMPASS, COUNTIES, ELSEWHERE, KINDS, LITTLE, ROYAL, listed

MATCHED_BY_NOTHING = {"ambiguous", "weak", "none", "blank"}
OFFICIAL = register().frame["authority_name"].unique().tolist()
# Written by hand, before the rules were: a code, or what becomes of a name that has none.
VARIANTS = pd.read_csv(Path(__file__).with_name("authority_variants.csv"), dtype=str, keep_default_na=False)


def code_of(name: object, **options: object) -> str | None:
    return match_authority([name], **options)["authority_code"].iloc[0]


def method_of(name: object, **options: object) -> str:
    return match_authority([name], **options)["method"].iloc[0]


@pytest.fixture(scope="module")
def answered() -> pd.DataFrame:
    return VARIANTS.join(match_authority(VARIANTS["written"]).drop(columns="name"))


# --------------------------------------------------------------------------------------- the names that people write


def test_the_variants_cover_every_authority_of_today() -> None:
    upper = register().in_force("2025-06-01", "upper")["authority_code"]
    counts = VARIANTS["expected"].value_counts().reindex(upper, fill_value=0)
    assert len(upper) == 153
    assert counts.min() >= 3
    assert len(VARIANTS) >= 600
    assert not VARIANTS["written"].duplicated().any()


def test_no_variant_is_matched_wrongly(answered: pd.DataFrame) -> None:
    matched = answered[answered["authority_code"].notna()]
    wrong = matched[matched["authority_code"] != matched["expected"]]
    assert wrong.empty, wrong.to_string()


def test_nearly_every_variant_is_matched_and_the_rest_reported(answered: pd.DataFrame) -> None:
    meant = answered[answered["expected"].str.startswith("E")]
    unmatched = meant[meant["authority_code"].isna()]
    assert len(unmatched) <= 0.02 * len(meant), unmatched.to_string()
    # Each is reported with the right authority among the candidates.
    assert all(code in shown for code, shown in zip(unmatched["expected"], unmatched["candidates"], strict=True))


def test_what_names_several_authorities_is_ambiguous(answered: pd.DataFrame) -> None:
    several = answered[answered["expected"] == "ambiguous"]
    assert set(several["method"]) == {"ambiguous"}
    assert several["candidates"].str.count(";").ge(1).all()


def test_what_is_no_authority_has_no_code(answered: pd.DataFrame) -> None:
    assert set(answered.loc[answered["expected"] == "none", "method"]) <= {"ambiguous", "weak", "none"}


def test_every_official_name_is_matched_to_itself() -> None:
    names = register().names()
    found = match_authority(names)
    assert found["authority_name"].tolist() == names.tolist()
    assert set(found["method"]) == {"name"}
    assert set(found["score"]) == {100}
    assert match_authority(names.index)["authority_code"].tolist() == names.index.tolist()


# ------------------------------------------------------------------------------------------------------------ codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("E06000016", "E06000016"),
        (" e0600 0016\n", "E06000016"),
        ("E-06-000016", "E06000016"),
        ("E06000016 Leicester UA", "E06000016"),
        ("Leicester [E06000016]", "E06000016"),
        ("E10000009 Dorset", "E10000009"),
        ("E06000016 no such place", "E06000016"),
    ],
)
def test_codes_however_they_stand(text: str, code: str) -> None:
    found = match_authority([text]).iloc[0]
    assert (found["authority_code"], found["method"]) == (code, "code")


@pytest.mark.parametrize(
    ("text", "method", "said"),
    [
        ("E06000016 Nottingham", "ambiguous", "it names several"),
        ("E06000016; E06000018", "ambiguous", "it names several"),
        ("E06000016 Cardiff", "weak", "the name with it is in Wales, not in England"),
        ("W06000015", "none", "W06000015 is a code of Wales, not of an English authority"),
        ("s12000049", "none", "S12000049 is a code of Scotland, not of an English authority"),
        ("E12000007", "none", "E12000007 is not a code since 2011 of an English authority"),
        ("X06000001", "none", "X06000001 is not a code since 2011 of an English authority"),
        ("E0600O016", "none", ""),
        ("E0600001", "none", ""),
    ],
)
def test_codes_that_are_none_or_say_two_things(text: str, method: str, said: str) -> None:
    found = match_authority([text]).iloc[0]
    assert (found["method"], found["note"]) == (method, said)
    assert found["authority_code"] is None


# ----------------------------------------------------------------------------------------------- dates and tiers


@pytest.mark.parametrize(
    ("name", "as_of", "code", "became"),
    [
        ("Somerset", None, "E06000066", ""),
        ("Somerset", "2023-03-31", "E10000027", ""),
        ("Somerset", "2023-04-01", "E06000066", ""),
        ("Somerset County Council", None, "E10000027", "E06000066"),
        ("Somerset County Council", "2022-11-01", "E10000027", ""),
        ("Somerset Council", "2022-11-01", "E10000027", ""),
        ("Dorset", "2019-03-31", "E10000009", ""),
        ("Dorset County Council", "2021-07-01", "E10000009", "E06000058; E06000059"),
        ("Dorset Council", "2021-07-01", "E06000059", ""),
        ("Barnsley", None, "E08000038", ""),
        ("Barnsley", "2025-03-31", "E08000016", ""),
        ("E08000016", "2025-04-01", "E08000016", "E08000038"),
        ("Gateshead", "2012-06-01", "E08000020", ""),
        ("Northumberland", "2012-06-01", "E06000048", ""),
        ("Cumbria", None, "E10000006", "E06000063; E06000064"),
        ("Cumbria", "2022-11-01", "E10000006", ""),
        ("Northampton", None, "E07000154", "E06000062"),
        ("Bournemouth", "2019-03-31", "E06000028", ""),
        ("Bournemouth", "2019-04-01", "E06000028", "E06000058"),
        ("Taunton Deane", "2020-01-01", "E07000190", "E07000246"),
        ("Taunton Deane", None, "E07000190", "E06000066"),
        ("Shepway", None, "E07000112", ""),
        ("St Albans", "2011-12-31", "E07000100", ""),
    ],
)
def test_a_name_means_what_it_meant_on_the_date(name: str, as_of: str | None, code: str, became: str) -> None:
    found = match_authority([name], as_of=as_of).iloc[0]
    assert (found["authority_code"], found["became"]) == (code, became)


def test_an_authority_that_is_not_yet_made_is_matched_and_says_so() -> None:
    found = match_authority(["Cumberland", "BCP"], as_of="2018-01-01")
    assert found["authority_code"].tolist() == ["E06000063", "E06000058"]
    assert found["note"].tolist() == ["in force from 2023-04-01", "in force from 2019-04-01"]
    assert found["became"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("name", "level", "code"),
    [
        ("Newcastle", "upper", "E08000021"),
        ("Newcastle", "lower", None),
        ("Richmond", "upper", "E09000027"),
        ("Cambridge", "upper", None),
        ("Cambridge", "lower", "E07000008"),
        ("Cambridgeshire", "lower", None),
        ("E07000008", "upper", None),
        ("Leeds", "upper", "E08000035"),
        ("Leeds", "lower", "E08000035"),
        ("Dorset", "lower", "E06000059"),
        ("West Sufolk", "upper", None),
    ],
)
def test_a_tier_restricts_what_can_be_meant(name: str, level: str, code: str | None) -> None:
    assert code_of(name, level=level) == code


def test_a_name_of_the_other_tier_says_so() -> None:
    found = match_authority(["Cambridge", "E10000003"], level="upper").iloc[0]
    assert found["note"] == "E07000008 Cambridge is an authority of the lower tier only"
    assert method_of("E10000003", level="lower") == "none"


# ------------------------------------------------------------------------------------------------- kinds of council


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Leicester City Council", "E06000016"),
        ("Leicester CC", "E06000016"),
        ("Leicestershire CC", "E10000018"),
        ("Leicester County Council", None),
        ("Leicestershire City Council", None),
        ("Leicestershire Borough Council", None),
        ("Newcastle City Council", "E08000021"),
        ("Newcastle BC", "E07000195"),
        ("Newcastle Council", None),
        ("RB Kingston", "E09000021"),
        ("Kingston City Council", "E06000010"),
        ("LB Richmond", "E09000027"),
        ("Richmond District Council", "E07000166"),
        ("Royal Borough of Greenwich", "E09000011"),
        ("Royal Borough of Camden", None),
        ("London Borough of Slough", None),
        ("Chichester District Council", "E07000225"),
        ("Chichester City Council", None),
        ("Durham City Council", None),
        ("North Lincolnshire County Council", "E06000013"),
        ("Stockport M.B.C.", "E08000007"),
        ("Stockport metropolitan boro", "E08000007"),
        ("Slough MBC", None),
        ("Stratford District Council", "E07000221"),
        ("Stratford", None),
    ],
)
def test_the_kind_of_council_is_evidence(name: str, code: str | None) -> None:
    found = match_authority([name]).iloc[0]
    assert found["authority_code"] == code
    assert code is not None or (found["method"] in {"ambiguous", "weak"} and found["candidates"])


def test_a_contradiction_shows_both_sides() -> None:
    found = match_authority(["Leicester County Council"]).iloc[0]
    assert found["candidates"] == "E06000016 Leicester (80); E10000018 Leicestershire (78)"
    assert found["note"] == "it says county, which Leicester is not"


# ------------------------------------------------------------------------------------------------------ misspellings


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("Leicstershire", "similar"),
        ("Hackny", "weak"),
        ("LB Hackny", "similar"),
        ("Wset Sussex", "similar"),
        ("Wast Suffolk", "weak"),
        ("South Yorkshre", "weak"),
        ("West Hampshire", "weak"),
        ("Hertefordshire", "ambiguous"),
        ("Newcastle upon Tyme", "weak"),
        ("Windsor and Maidenhead Homes", "weak"),
        ("Cottingham", "weak"),
        ("Wadsworth", "weak"),
        ("Gwyned Council", "none"),
        ("Zanzibar", "none"),
    ],
)
def test_a_misspelling_is_matched_only_where_nothing_else_can_be_meant(name: str, method: str) -> None:
    assert method_of(name) == method


def test_how_alike_a_name_must_be_is_the_callers() -> None:
    found = match_authority(["Newcastle-under-Lime"], min_score=85).iloc[0]
    assert (found["authority_code"], found["method"]) == ("E07000195", "similar")
    assert 85 <= found["score"] < 90
    assert method_of("Leicstershire", min_score=100) == "weak"


def test_a_letter_missing_added_or_swapped_costs_one_and_a_wrong_one_three() -> None:
    scores = match_authority(["Wolverhampon", "Wolverhamptton", "Wolverhmapton", "Wolverhanpton"])["score"]
    assert scores.tolist() == pytest.approx([96, 100 * (1 - 1 / 27), 100 * (1 - 1 / 26), 100 * (1 - 3 / 26)])


# ----------------------------------------------------------------------------------------------------- the whole table


def test_rows_come_back_as_they_went_in() -> None:
    names = pd.Series(["Hull", None, " ", float("nan"), 7, "Hull", ["a"], pd.NA, "–"], index=list("aabcdefgh"))
    found = match_authority(names)
    assert found.index.tolist() == names.index.tolist()
    assert found["name"].tolist()[:1] + found["name"].tolist()[4:7] == ["Hull", 7, "Hull", ["a"]]
    blank = ["blank"] * 3
    assert found["method"].tolist() == ["variant", *blank, "none", "variant", "none", "blank", "blank"]
    assert found["authority_code"].isna().sum() == 7
    assert found["score"].dtype == "float64"


def test_any_series_of_names_and_an_empty_one() -> None:
    expected = ["E06000010", "E06000023"]
    names = ["Hull", "Bristol"]
    for given_names in (names, tuple(names), pd.Index(names), pd.Series(names, dtype="category"), iter(names)):
        assert match_authority(given_names)["authority_code"].tolist() == expected
    assert match_authority("Hull")["authority_code"].tolist() == expected[:1]
    empty = match_authority([])
    assert empty.empty
    assert empty.columns.tolist() == match_authority(names).columns.tolist()


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (pd.DataFrame({"a": ["Hull"]}), {}, "names: a DataFrame is no series of names"),
        (7, {}, "names: a int is no series of names"),
        (["Hull"], {"level": "middle"}, "level: 'middle' is not a tier"),
        (["Hull"], {"min_score": 50}, "min_score: 50 is not from 70 to 100"),
        (["Hull"], {"min_score": "90"}, "min_score: '90' is not from 70 to 100"),
        (["Hull"], {"as_of": "2022"}, "as_of: '2022' is not a date"),
    ],
)
def test_what_cannot_be_asked(names: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as raised:
        match_authority(names, **options)
    assert message in str(raised.value)


def test_hostile_text_is_no_name() -> None:
    texts = ["Leeds " * 100_000, "&" * 150, "\x00", "E" * 150, "((((" * 40, "a.b." * 40, "Leeds\x00", "ﷺ" * 20]
    assert set(match_authority(texts)["method"]) <= {"none", "weak", "blank", "variant"}


# ---------------------------------------------------------------------------------------------------------- findings


def test_findings_say_what_was_written_what_is_near_and_what_to_do() -> None:
    names = ["Hull", "Newcastle", "Hackny", "Cardiff", "Poole", "", "Newcastle", "Atlantis", "Leeds and York"]
    findings = match_findings(match_authority(names), "services", "authority", ids=list("abcdefghi"))
    correct, outside = "correct it, or give the code", "correct it, or leave out what is not in England"
    which = "give the code or the full name of the one meant"
    assert [(f.code, f.ids, f.message, f.remedy) for f in findings] == [
        (
            "authority.ambiguous",
            ("b", "g"),
            "'Newcastle' fits more than one authority: E07000195 Newcastle-under-Lyme (100); E08000021 Newcastle upon Tyne (100)",
            which,
        ),
        (
            "authority.weak",
            ("c",),
            "'Hackny' is like an authority's name, but not safely it: E09000012 Hackney (92)",
            correct,
        ),
        ("authority.unknown", ("d",), "'Cardiff' is not matched (in Wales, not in England)", outside),
        (
            "authority.abolished",
            ("e",),
            "'Poole' is E06000029 Poole, in force until 2019-03-31",
            "E06000058 has its ground: use that if it is meant",
        ),
        (
            "authority.unknown",
            ("h",),
            "'Atlantis' is not matched (no English authority has had this code or name since 2011)",
            outside,
        ),
        (
            "authority.ambiguous",
            ("i",),
            "'Leeds and York' fits more than one authority (it names several): E08000035 Leeds; E06000014 York",
            which,
        ),
    ]
    assert [f.severity for f in findings] == ["error", "error", "error", "warning", "error", "error"]


def test_findings_of_what_is_not_yet_made_and_of_nothing() -> None:
    future = match_authority(["Cumberland"], as_of="2020-01-01")
    (finding,) = match_findings(future, "services", "authority", severity="warning")
    assert (finding.code, finding.severity, finding.ids) == ("authority.not_yet", "warning", ("0",))
    assert "in force from 2023-04-01" in finding.message
    assert match_findings(match_authority(["Hull", ""]), "services", "authority") == []


# -------------------------------------------------------------------------------------------------- independent lists


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2023])
def test_the_lists_of_a_year_match_to_its_own_codes(year: int, shared_data: Path) -> None:
    short = str(year)[2:]
    table = pd.read_csv(shared_data / "lookups" / f"ltla{short}_utla{short}.csv", dtype=str)
    for tier, level in (("ltla", "lower"), ("utla", "upper")):
        pairs = table[[f"{tier}{short}_code", f"{tier}{short}_name"]].drop_duplicates()
        pairs = pairs[pairs.iloc[:, 0].str.startswith("E")]
        by_name = match_authority(pairs.iloc[:, 1], as_of=f"{year}-06-01", level=level)
        by_code = match_authority(pairs.iloc[:, 0], as_of=f"{year}-06-01", level=level)
        assert by_code["authority_code"].tolist() == pairs.iloc[:, 0].tolist()
        assert by_name["authority_code"].tolist() == pairs.iloc[:, 0].tolist()
        assert set(by_name["method"]) <= {"name", "variant"}


def test_every_name_and_code_of_the_lookups(shared_data: Path) -> None:
    pairs = []
    for path in sorted((shared_data / "lookups").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [dict(zip(map(str.lower, row), row.values(), strict=True)) for row in csv.DictReader(file)]
        columns = [c for c in rows[0] if c.startswith(("lad", "utla", "ltla", "old", "new"))]
        codes = [c for c in columns if "cd" in c or c.endswith("_code")]
        names = [c.replace("_code", "_name").replace("cd", "nm") for c in codes]
        pairs += [(r[c], r[n]) for c, n in zip(codes, names, strict=True) for r in rows]
    table = pd.DataFrame(sorted({p for p in pairs if all(p)}), columns=["code", "name"])
    english = table["code"].str.match("E0[6-9]|E10")
    by_code, by_name = match_authority(table["code"]), match_authority(table["name"])
    assert english.sum() >= 360
    assert by_code.loc[english, "authority_code"].tolist() == table.loc[english, "code"].tolist()
    assert set(by_name.loc[english, "method"]) <= {"name", "variant"}
    # A name that has had several codes is matched to another of them, on ground that it shares.
    districts = register().districts
    for code, found in zip(table.loc[english, "code"], by_name.loc[english, "authority_code"], strict=True):
        assert districts[code] & districts[found]
    abroad = table["code"].str.match("[WSN]")
    assert abroad.sum() >= 60
    assert set(by_code.loc[abroad, "method"]) == {"none"}
    assert by_name.loc[abroad, "authority_code"].isna().all()


def test_the_courts_names_of_authorities(shared_data: Path) -> None:
    """A list that nothing here was fitted to: council names with their kinds, of England and Wales, around 2021."""
    path = shared_data / "services" / "hmcts_court_la_area_of_law.csv"
    names = pd.read_csv(path)["local_authority"].drop_duplicates()
    found = match_authority(names, as_of="2018-06-01", level="upper")
    welsh = found["note"] == "in Wales, not in England"
    assert welsh.sum() == 22
    assert set(found.loc[~welsh, "method"]) <= {"name", "variant"}
    assert found.loc[~welsh, "authority_code"].is_unique


# -------------------------------------------------------------------------------------------------------- the tables


def test_names_in_the_tables_are_official_ones() -> None:
    for names in (*ALIASES.values(), *AREAS.values()):
        assert set(listed(names)) <= set(OFFICIAL)
    assert set(OFFICIAL) >= CITIES | COUNTIES | ROYAL


def test_no_two_authorities_share_a_name_unless_the_table_says_so() -> None:
    names = register().names()
    meant = {"".join(read(alias).whole) for alias, codes in ALIASES.items() if len(listed(codes)) > 1}
    known = lookup()
    for key, codes in [*known.keys.items(), *known.bags.items(), *known.official.items()]:
        assert len({names[c] for c in codes} - {"Folkestone and Hythe"}) <= 1 or key in meant
    elsewhere = {"".join(read(name).base) for listing in ELSEWHERE.values() for name in listed(listing)}
    assert elsewhere.isdisjoint(known.keys)
    assert elsewhere.isdisjoint(known.areas)
    assert not set(known.areas) & set(known.keys)


def test_no_word_of_a_name_is_taken_for_a_kind_of_council() -> None:
    left = {name: read(name).base for name in OFFICIAL if not read(name).base}
    assert list(left) == ["City of London"]
    assert LITTLE.isdisjoint(KINDS)
    assert COMPASS.isdisjoint(KINDS)


# -------------------------------------------------------------------------------------------------------- properties

_SPACES = st.text(" \t\n\u00a0\u2009", max_size=3)
_MARKS = st.text(" .,;:!?()[]*_-–—'\"’", max_size=3)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_case_spaces_and_punctuation_change_nothing(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(OFFICIAL + list(ALIASES)))
    plain = match_authority([name]).iloc[0]
    words = ["".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in word) for word in name.split(" ")]
    noisy = data.draw(_MARKS)
    for word in words:
        noisy += word + data.draw(_SPACES) + data.draw(_MARKS) + " "
    noisy += data.draw(_MARKS)
    found = match_authority([noisy]).iloc[0]
    assert found["authority_code"] == plain["authority_code"], noisy
    assert found["candidates"] == plain["candidates"], noisy


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_the_answer_for_a_name_does_not_depend_on_the_others(data: st.DataObject) -> None:
    some = st.one_of(st.sampled_from(VARIANTS["written"].tolist()), st.text(max_size=12))
    names = data.draw(st.lists(some, min_size=1, max_size=25))
    order = data.draw(st.permutations(range(len(names))))
    together = match_authority(names)
    shuffled = match_authority([names[i] for i in order])
    pd.testing.assert_frame_equal(together.iloc[list(order)].reset_index(drop=True), shuffled)
    alone = pd.concat([match_authority([name]) for name in names], ignore_index=True)
    pd.testing.assert_frame_equal(together.astype(object), alone.astype(object))


# Letter by letter, since hypothesis would else offer texts from this very package.
_NOISE = st.lists(st.characters() | st.sampled_from("abcdefghijklmnopqrstuvwxyz &.-"), min_size=6, max_size=40).map(
    "".join
)


@given(_NOISE)
@settings(max_examples=300, deadline=None)
def test_random_text_is_never_an_exact_name(text: str) -> None:
    assert method_of(text) in MATCHED_BY_NOTHING


@given(st.sampled_from(OFFICIAL), st.sampled_from(["", " Council"]), st.integers(0, 40), st.sampled_from("aeioustnr"))
@settings(max_examples=150, deadline=None)
def test_a_wrong_letter_never_makes_it_another(name: str, council: str, at: int, letter: str) -> None:
    at %= len(name)
    for slip in (name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :]):
        found = match_authority([slip + council]).iloc[0]
        assert found["method"] != "similar" or found["authority_name"] == name, slip


def test_no_letter_left_out_or_swapped_makes_it_another() -> None:
    slips = [(n, n[:i] + n[i + 1 :]) for n in OFFICIAL for i in range(len(n))]
    slips += [(n, n[:i] + n[i + 1] + n[i] + n[i + 2 :]) for n in OFFICIAL for i in range(len(n) - 1)]
    table = pd.DataFrame(slips, columns=["meant", "written"])
    found = match_authority(table["written"] + " Council")
    wrong = found["authority_code"].notna() & (found["authority_name"] != table["meant"])
    assert not wrong.any(), table[wrong].to_string()
    assert (~wrong & found["authority_code"].notna()).mean() > 0.85
