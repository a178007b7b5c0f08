"""A server on this machine that answers as an ArcGIS feature service does, or fails as one may."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rcp_geo.authorities import register

BNG = {"type": "name", "properties": {"name": "EPSG:27700"}}
NAME = "Counties_and_Unitary_Authorities_May_2023_UK_BGC"
# What a fault gets: the handler to answer with, and the query. It says whether it has answered.
Fault = Callable[["Handler", dict[str, str]], bool]


def squares(day: str = "2023-05-31", *, code: str = "CTYUA23CD", name: str = "CTYUA23NM") -> list[dict[str, Any]]:
    """The authorities of a day, and two of Wales, each as a square of its own, numbered as a server numbers features."""
    frame = register().in_force(day)
    rows = [*zip(frame["authority_code"], frame["authority_name"], strict=True)]
    rows += [("W06000001", "Isle of Anglesey"), ("W06000002", "Gwynedd")]
    found = []
    for i, (key, label) in enumerate(rows):
        x, y = 300_000 + 1_000 * (i % 20), 200_000 + 1_000 * (i // 20)
        ring = [[x, y], [x + 900, y], [x + 900, y + 900], [x, y + 900], [x, y]]
        properties = {"FID": i + 1, code: key, name: label, "GlobalID": f"{{{i}}}"}
        geometry = {"type": "Polygon", "coordinates": [ring]}
        found.append({"type": "Feature", "id": i + 1, "geometry": geometry, "properties": properties})
    return found


@dataclass
class Service:
    """One layer, what it says of itself, and every question that it was asked."""

    features: list[dict[str, Any]] = field(default_factory=squares)
    most: int = 40
    about: dict[str, Any] = field(default_factory=dict)
    count: int | None = None
    crs: dict[str, Any] | None = field(default_factory=lambda: BNG)
    flag: str = "inner"
    faults: list[Fault] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def layer(self) -> str:
        return f"{self.url}/{NAME}/FeatureServer/0"

    @property
    def offsets(self) -> list[int]:
        """The pages that were asked for, by their first feature."""
        return [int(q["resultOffset"]) for q in self.asked if "resultOffset" in q]

    def answer(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        if not path.endswith("/query"):
            return self._about()
        if query.get("returnCountOnly") == "true":
            return {"count": len(self.features) if self.count is None else self.count}
        return self.page(int(query["resultOffset"]), int(query["resultRecordCount"]), query["orderByFields"])

    def _about(self) -> dict[str, Any]:
        return {
            "type": "Feature Layer",
            "geometryType": "esriGeometryPolygon",
            "objectIdField": "FID",
            "maxRecordCount": self.most,
            "supportedQueryFormats": "JSON, geoJSON, PBF",
            "advancedQueryCapabilities": {"supportsPagination": True},
            "editingInfo": {"lastEditDate": 1_684_000_000_000},
            **self.about,
        }

    def page(self, offset: int, wanted: int, order: str = "FID") -> dict[str, Any]:
        rows = sorted(self.features, key=lambda f: f["properties"][order])
        end = offset + min(wanted, self.most)
        page: dict[str, Any] = {"type": "FeatureCollection", "features": copy.deepcopy(rows[offset:end])}
        if self.crs is not None:
            page["crs"] = self.crs
        if end < len(rows) and self.flag == "inner":
            page["properties"] = {"exceededTransferLimit": True}
        elif end < len(rows) and self.flag == "top":
            page["exceededTransferLimit"] = True
        return page


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    service: Service

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.service.asked.append(query)
        self.service.headers.append(dict(self.headers))
        if not any(fault(self, query) for fault in self.service.faults):
            self.send(json.dumps(self.service.answer(parts.path, query)).encode())

    def send(self, body: bytes, status: int = 200, *, cut: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class gives it
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Serves in threads that end with the test."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hangs up: tests let it."""


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    """Run a service until the block ends, on a port of the machine's choice."""
    handler = type("OwnHandler", (Handler,), {"service": service})
    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        service.url = f"http://127.0.0.1:{server.server_port}/arcgis/rest/services"
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
