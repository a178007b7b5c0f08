"""Draw the pictures of the documentation: ``python docs/make_pictures.py``."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

import rcp_geo as rg

STATIC = Path(__file__).resolve().parent / "_static"
DATE = "2022-11-01"


def main() -> None:
    """Draw the answers on the reference date, for any family and for FDACs."""
    mpl.use("Agg")
    # No date or version of matplotlib in the file: the same answers make the same bytes.
    plain = {"metadata": {"Software": None}}
    answer = rg.assess(as_of=DATE)
    answer.plot().figure.savefig(STATIC / f"answers-{DATE}.png", dpi=100, **plain)
    answer.plot("fdac").figure.savefig(STATIC / f"fdac-{DATE}.png", dpi=75, **plain)


if __name__ == "__main__":
    main()
