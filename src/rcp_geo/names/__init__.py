"""Which English local authority a name or a code stands for, however it is written; never a guess."""

from rcp_geo.names.match import codes_named, match_authority, match_findings, names_one

__all__ = ["codes_named", "match_authority", "match_findings", "names_one"]
