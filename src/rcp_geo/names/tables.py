"""What people call English local authorities: tables to read and to add to.

Authorities stand here by their official names, which their codes of all dates share. Several names are separated by
semicolons.
"""

from __future__ import annotations

__all__ = [
    "ALIASES",
    "AREAS",
    "CITIES",
    "COMPASS",
    "COUNTIES",
    "COUNTRIES",
    "ELSEWHERE",
    "KINDS",
    "LITTLE",
    "OTHER_PLACES",
    "ROYAL",
    "WORDS",
    "listed",
]


def listed(names: str) -> tuple[str, ...]:
    """Return the names in a text that separates them by semicolons."""
    return tuple(names.split("; "))


# Words that are left out or swapped freely: Stoke on Trent, Stoke-upon-Trent; Brighton & Hove, Brighton and Hove.
LITTLE = frozenset(("and", "at", "in", "of", "on", "the", "u", "under", "upon", "with"))

COMPASS = frozenset(("north", "south", "east", "west", "mid", "central", "greater", "inner", "outer", "upper", "lower"))

# A short word, and what it stands for wherever it stands alone.
WORDS = {
    "n": "north",
    "nth": "north",
    "s": "south",
    "sth": "south",
    "e": "east",
    "w": "west",
    "c": "central",
    "ne": "north east",
    "nw": "north west",
    "se": "south east",
    "sw": "south west",
    "saint": "st",
    "gt": "great",
    "co": "county",
    "boro": "borough",
    "dist": "district",
    "auth": "authority",
    "met": "metropolitan",
    "metro": "metropolitan",
    "beds": "bedfordshire",
    "berks": "berkshire",
    "bucks": "buckinghamshire",
    "cambs": "cambridgeshire",
    "derbys": "derbyshire",
    "devonshire": "devon",
    "glos": "gloucestershire",
    "gloucs": "gloucestershire",
    "hants": "hampshire",
    "herefs": "herefordshire",
    "herts": "hertfordshire",
    "hunts": "huntingdonshire",
    "lancs": "lancashire",
    "leics": "leicestershire",
    "lincs": "lincolnshire",
    "northants": "northamptonshire",
    "notts": "nottinghamshire",
    "oxon": "oxfordshire",
    "salop": "shropshire",
    "shrops": "shropshire",
    "staffs": "staffordshire",
    "warks": "warwickshire",
    "wilts": "wiltshire",
    "worcs": "worcestershire",
    "yorks": "yorkshire",
    "escc": "east sussex county council",
    "kcc": "kent county council",
    "nycc": "north yorkshire county council",
    "wscc": "west sussex county council",
}

# What a word says about the kind of council; nothing where it only says that there is one.
KINDS: dict[str, tuple[str, ...]] = {
    "authority": (),
    "council": (),
    "government": (),
    "la": (),
    "lea": (),
    "local": (),
    "bc": ("borough",),
    "borough": ("borough",),
    "cc": ("county or city",),
    "city": ("city",),
    "corporation": ("corporation",),
    "county": ("county",),
    "dc": ("district",),
    "district": ("district",),
    "lb": ("london", "borough"),
    "lbc": ("london", "borough"),
    "london": ("london",),
    "mb": ("metropolitan", "borough"),
    "mbc": ("metropolitan", "borough"),
    "mc": ("metropolitan",),
    "mcd": ("metropolitan",),
    "mdc": ("metropolitan", "district"),
    "metropolitan": ("metropolitan",),
    "rb": ("royal", "borough"),
    "royal": ("royal",),
    "ua": ("unitary",),
    "unitary": ("unitary",),
}

# Everyday names; case, spacing and the rules above aside. Two authorities: it can be either.
ALIASES = {
    # North East, Yorkshire and the Humber
    "CBMDC": "Bradford",
    "East Riding": "East Riding of Yorkshire",
    "East Yorkshire": "East Riding of Yorkshire",
    "ERYC": "East Riding of Yorkshire",
    "Hull": "Kingston upon Hull, City of",
    "Newcastle": "Newcastle upon Tyne; Newcastle-under-Lyme",
    "Redcar": "Redcar and Cleveland",
    "Richmond": "Richmond upon Thames; Richmondshire",
    "Stockton": "Stockton-on-Tees",
    # North West
    "Barrow": "Barrow-in-Furness",
    "Blackburn": "Blackburn with Darwen",
    "Blackburn w Darwen": "Blackburn with Darwen",
    "BwD": "Blackburn with Darwen",
    "Cheshire W and C": "Cheshire West and Chester",
    "Cheshire West": "Cheshire West and Chester",
    "CW&C": "Cheshire West and Chester",
    "CWAC": "Cheshire West and Chester",
    "L'pool": "Liverpool",
    "West Cheshire": "Cheshire West and Chester",
    "Westmorland": "Westmorland and Furness",
    # Midlands
    "B'ham": "Birmingham",
    "Hinckley": "Hinckley and Bosworth",
    "Newark": "Newark and Sherwood",
    "Nuneaton": "Nuneaton and Bedworth",
    "Stoke": "Stoke-on-Trent",
    "Stratford district": "Stratford-on-Avon",
    "Telford": "Telford and Wrekin",
    # East of England
    "King's Lynn": "King's Lynn and West Norfolk",
    "KLWN": "King's Lynn and West Norfolk",
    "Southend": "Southend-on-Sea",
    "West Norfolk": "King's Lynn and West Norfolk",
    # London
    "Barking": "Barking and Dagenham",
    "City of London": "City of London",
    "City of London Corporation": "City of London",
    "Corporation of London": "City of London",
    "H&F": "Hammersmith and Fulham",
    "Hammersmith": "Hammersmith and Fulham",
    "K&C": "Kensington and Chelsea",
    "Kensington": "Kensington and Chelsea",
    "Kingston": "Kingston upon Thames; Kingston upon Hull, City of",
    "LBBD": "Barking and Dagenham",
    "LBH&F": "Hammersmith and Fulham",
    "LBHF": "Hammersmith and Fulham",
    "LBRuT": "Richmond upon Thames",
    "LBTH": "Tower Hamlets",
    "LBWF": "Waltham Forest",
    "London Borough of City of London": "City of London",
    "London Corporation": "City of London",
    "London, City of": "City of London",
    "RBG": "Greenwich",
    "RBK": "Kingston upon Thames",
    "RBK&C": "Kensington and Chelsea",
    "RBKC": "Kensington and Chelsea",
    # South East
    "AVDC": "Aylesbury Vale",
    "Aylesbury": "Aylesbury Vale",
    "Basingstoke": "Basingstoke and Deane",
    "Bracknell": "Bracknell Forest",
    "Brighton": "Brighton and Hove",
    "Epsom": "Epsom and Ewell",
    "Folkestone": "Folkestone and Hythe",
    "IoW": "Isle of Wight",
    "MK": "Milton Keynes",
    "NFDC": "New Forest",
    "RBWM": "Windsor and Maidenhead",
    "Reigate": "Reigate and Banstead",
    "Royal Tunbridge Wells": "Tunbridge Wells",
    "Tonbridge": "Tonbridge and Malling",
    "Wight": "Isle of Wight",
    "Windsor": "Windsor and Maidenhead",
    # South West
    "B&NES": "Bath and North East Somerset",
    "BANES": "Bath and North East Somerset",
    "Bath": "Bath and North East Somerset",
    "Bath NES": "Bath and North East Somerset",
    "BCP": "Bournemouth, Christchurch and Poole",
    "City and County of Bristol": "Bristol, City of",
    "Cotswolds": "Cotswold",
    "Scilly": "Isles of Scilly",
    "Weymouth": "Weymouth and Portland",
}

_SOUTH_YORKSHIRE = "Barnsley; Doncaster; Rotherham; Sheffield"
_WEST_YORKSHIRE = "Bradford; Calderdale; Kirklees; Leeds; Wakefield"
_TEES = "Hartlepool; Middlesbrough; Redcar and Cleveland; Stockton-on-Tees"
# Names of areas that hold several authorities and are none of them; the regions are known besides.
AREAS = {
    "Avon": "Bath and North East Somerset; Bristol, City of; North Somerset; South Gloucestershire",
    "Bedfordshire": "Bedford; Central Bedfordshire",
    "Berkshire": "Bracknell Forest; Reading; Slough; West Berkshire; Windsor and Maidenhead; Wokingham",
    "Black Country": "Dudley; Sandwell; Walsall; Wolverhampton",
    "Cheshire": "Cheshire East; Cheshire West and Chester",
    "Cleveland": _TEES,
    "Greater Manchester": "Bolton; Bury; Manchester; Oldham; Rochdale; Salford; Stockport; Tameside; Trafford; Wigan",
    "Humberside": "East Riding of Yorkshire; Kingston upon Hull, City of; North East Lincolnshire; North Lincolnshire",
    "Merseyside": "Knowsley; Liverpool; Sefton; St. Helens; Wirral",
    "South Yorkshire": _SOUTH_YORKSHIRE,
    "Sussex": "Brighton and Hove; East Sussex; West Sussex",
    "Tees Valley": f"Darlington; {_TEES}",
    "Teesside": _TEES,
    "Tyne and Wear": "Gateshead; Newcastle upon Tyne; North Tyneside; South Tyneside; Sunderland",
    "Tyneside": "North Tyneside; South Tyneside",
    "West Midlands": "Birmingham; Coventry; Dudley; Sandwell; Solihull; Walsall; Wolverhampton",
    "West Yorkshire": _WEST_YORKSHIRE,
    "Yorkshire": f"East Riding of Yorkshire; Kingston upon Hull, City of; North Yorkshire; York; {_SOUTH_YORKSHIRE}; "
    f"{_WEST_YORKSHIRE}",
}

# The rest of the British Isles, so that its names are told from English ones and from mistakes.
ELSEWHERE = {
    "Wales": "Anglesey; Blaenau Gwent; Bridgend; Caerphilly; Cardiff; Carmarthenshire; Ceredigion; Conwy; Denbighshire; "
    "Flintshire; Gwynedd; Isle of Anglesey; Merthyr Tydfil; Monmouthshire; Neath Port Talbot; Newport; Pembrokeshire; "
    "Powys; Rhondda Cynon Taf; Rhondda Cynon Taff; Swansea; Torfaen; Vale of Glamorgan; Wales; Wrexham",
    "Scotland": "Aberdeen; Aberdeenshire; Angus; Argyll and Bute; Clackmannanshire; Dumfries and Galloway; Dundee; "
    "East Ayrshire; East Dunbartonshire; East Lothian; East Renfrewshire; Edinburgh; Falkirk; Fife; Glasgow; Highland; "
    "Inverclyde; Midlothian; Moray; Na h-Eileanan Siar; North Ayrshire; North Lanarkshire; Orkney; Orkney Islands; Perth "
    "and Kinross; Renfrewshire; Scotland; Scottish Borders; Shetland; Shetland Islands; South Ayrshire; South Lanarkshire; "
    "Stirling; West Dunbartonshire; West Lothian; Western Isles",
    "Northern Ireland": "Antrim and Newtownabbey; Ards and North Down; Armagh City, Banbridge and Craigavon; Belfast; "
    "Causeway Coast and Glens; Derry City and Strabane; Fermanagh and Omagh; Lisburn and Castlereagh; Mid and East "
    "Antrim; Mid Ulster; Newry, Mourne and Down; Northern Ireland",
    "the Channel Islands or the Isle of Man": "Alderney; Guernsey; Isle of Man; Jersey",
}
COUNTRIES = {"W": "Wales", "S": "Scotland", "N": "Northern Ireland", "K": "the United Kingdom"}

# Places so near in spelling to an authority that they would be taken for it.
OTHER_PLACES = frozenset(("wadsworth",))

# Councils that call themselves a city's. Lichfield, Chichester, Hereford and more are cities with a parish council.
CITIES = frozenset(
    listed(
        "Birmingham; Bradford; Brighton and Hove; Bristol, City of; Cambridge; Canterbury; Carlisle; Chelmsford; City of "
        "London; Colchester; Coventry; Derby; Doncaster; Exeter; Gloucester; Kingston upon Hull, City of; Lancaster; Leeds; "
        "Leicester; Lincoln; Liverpool; Manchester; Milton Keynes; Newcastle upon Tyne; Norwich; Nottingham; Oxford; "
        "Peterborough; Plymouth; Portsmouth; Preston; Salford; Sheffield; Southampton; Southend-on-Sea; St Albans; "
        "Stoke-on-Trent; Sunderland; Wakefield; Westminster; Winchester; Wolverhampton; Worcester; York"
    )
)
# Single authorities that are a county: many still say so in their name, and none is a borough or a district.
COUNTIES = frozenset(
    listed(
        "Buckinghamshire; Cornwall; County Durham; Cumberland; Dorset; East Riding of Yorkshire; Herefordshire, County of; "
        "Isle of Wight; North Yorkshire; Northumberland; Rutland; Shropshire; Somerset; Wiltshire"
    )
)
ROYAL = frozenset(listed("Greenwich; Kensington and Chelsea; Kingston upon Thames; Windsor and Maidenhead"))
