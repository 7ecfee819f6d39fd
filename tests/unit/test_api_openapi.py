"""The API's description names every route of the service, and nothing that is not there."""

import re

import pytest
from aiohttp import web

from monitor.api.openapi import document
from monitor.app import create_app
from tests.push_web import parts_of

NOT_DESCRIBED = {"/api/v1/openapi.json", "/api/v1/words/{locale}"}
"""The description itself, and the pages' own words."""


@pytest.fixture(scope="module")
def described():
    return document("1")


def served() -> set[tuple[str, str]]:
    app: web.Application = create_app(parts_of(None, None))
    found = set()
    for route in app.router.routes():
        path = route.resource.canonical if route.resource is not None else ""
        path = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", path)
        if path.startswith(("/api/v1/", "/ws/")) and route.method != "HEAD" and path not in NOT_DESCRIBED:
            found.add((route.method.lower(), path))
    return found - {("get", "/ws/floor")}


def test_every_route_is_described_and_every_description_is_served(described):
    told = {(method, path) for path, operations in described["paths"].items() for method in operations}
    past = {route for route in served() if route[1].startswith("/api/v1/past")}
    assert served() - past == told - past


def test_every_reference_is_there(described):
    named = set(re.findall(r"#/components/schemas/(\w+)", str(described)))
    assert named <= set(described["components"]["schemas"])


def test_the_door_says_its_statuses_and_its_token(described):
    push = described["paths"]["/api/v1/events"]["post"]
    assert {"200", "401", "403", "413", "415", "422", "429", "503"} <= set(push["responses"])
    assert push["security"] == [{"source": []}]
    assert "application/x-ndjson" in push["requestBody"]["content"]
