"""Open Referral UK (HSDS 3) in and out: documents to tables and back, with no files and no network.

**The document.** :func:`to_openreferral` makes one page as the standard's ``GET /services`` answers, with every service
in full under ``contents``. The standard part is what the UK profile 3.0 defines, true for one stated date.

**The extension.** The standard has no history of a status, no dates, extent or certainty of a service area and no place
for what was searched. All of that is carried under the property ``x_rcp_geo``, which the profile allows ("further ... query
response properties so long as they do not conflict"), so that the same six tables are read back, cell by cell:

- on each service: ``version``, ``as_of`` (the date that the standard part is true for), and ``service``, ``sites``,
  ``footprints`` and ``status``, every row with its cells and its number in its table;
- on the document: ``version``, ``as_of``, ``columns`` (name and type of each column of each table), ``published`` and
  ``searched``.

**What the standard part says.** Of the footprints, those that hold on the date and are not unclear: a whole authority with
its URI, a part as ``Part of`` and the name, without the URI, which would claim the whole. Of the status, ``active`` for
operating, ``temporarily closed`` for paused, ``defunct`` for closed; the standard has no word for the rest, which are
``inactive`` with an ``alert`` that says what is meant. ``assured_date`` is the date, where a status is evidenced on it.
There is no address, since the profile wants a first line and a county that a directory of districts does not know; the
postcode district stands as the location's external identifier. A location known no finer than an authority has no
coordinates.

**Foreign feeds.** :func:`from_openreferral` reads what others publish in every shape of HSDS 3, takes nothing for granted
and names each record that it did not use in a finding.
"""

from __future__ import annotations

from rcp_geo.openreferral.check import check_openreferral
from rcp_geo.openreferral.read import from_openreferral
from rcp_geo.openreferral.write import to_openreferral

__all__ = ["check_openreferral", "from_openreferral", "to_openreferral"]
