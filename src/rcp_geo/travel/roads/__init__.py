"""Road networks: readers of road data, snapping, searching and service areas."""
