"""``python -m rcp_geo.cli``: the same as ``rcp-geo``."""

from rcp_geo.cli import main

if __name__ == "__main__":
    main()
