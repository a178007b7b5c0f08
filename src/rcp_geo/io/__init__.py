"""Users' files: reading tables, writing results."""
