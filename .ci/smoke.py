"""Try an installed rcp_geo from outside its repository: run by the interpreter of an otherwise empty environment."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import rcp_geo as rg
from rcp_geo import resources

LARGEST_DATA = 6_000_000


def require(holds: bool, what: str) -> None:
    """Stop with a message unless something holds."""
    if not holds:
        raise SystemExit(f"smoke: {what}")


def main() -> None:
    """Run the command, read every data file, and call what needs an extra that is not there."""
    folder = Path(rg.__file__).parent
    require(folder.parent.name == "site-packages", f"{folder} is not an installation")
    require((folder / "py.typed").is_file(), "py.typed is missing")

    size = sum(path.stat().st_size for path in (folder / "data").rglob("*") if path.is_file())
    require(size < LARGEST_DATA, f"the data weigh {size:,} bytes, the limit is {LARGEST_DATA:,}")
    listed = resources.manifest()["files"]
    for file_id in listed:
        resources.read_bytes(file_id)

    command = Path(sys.executable).with_name("rcp-geo")
    printed = subprocess.run(
        [command, "assess", "--as-of", "2024-01-01", "--format", "csv"], capture_output=True, text=True, check=True
    ).stdout
    require(len(printed.splitlines()) == 154, f"assess printed {len(printed.splitlines())} lines, not 154")
    codes = {row["authority_code"] for row in csv.DictReader(printed.splitlines())}
    require(len(codes) == 153, f"assess named {len(codes)} authorities, not 153")
    refused = subprocess.run([command, "assess", "--as-of", "yesterday"], capture_output=True, text=True, check=False)
    require(refused.returncode == 1, f"a bad date exits {refused.returncode}, not 1")
    require("Traceback" not in refused.stderr, f"a bad date prints a traceback:\n{refused.stderr}")

    try:
        rg.assess().plot()
    except rg.errors.MissingExtraError as error:
        require("rcp-geo[viz]" in str(error), f"the message does not name the extra: {error}")
    else:
        require(holds=False, what="plot() worked without matplotlib: this environment is not empty")
    print(f"rcp_geo {rg.__version__} in {folder}: {len(listed)} data files, {size:,} bytes, all as listed")


if __name__ == "__main__":
    main()
