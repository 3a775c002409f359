"""Pages of other origins: the browser's questions beforehand, the headers of every answer, and whom nobody listed."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from niteru.serve.http.api import VERSION
from niteru.serve.http.origins import BadOrigins, origins_in
from support.command import free_port, niteru
from support.service import KEY, client

APP = "https://app.example"
BEARER = {"Authorization": f"Bearer {KEY}"}
OUTSIDE = {"X-Forwarded-For": "198.51.100.7"}
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
BEFOREHAND = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization", **ELSEWHERE}
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture(scope="module")
def shared(place: Path) -> FlaskClient:
    """Client of a service with a key that pages of two origins may ask."""
    return client(place, KEY, ORIGINS=f"{APP}, http://localhost:3000")


def test_a_browser_that_asks_beforehand_needs_no_key(shared: FlaskClient) -> None:
    for path in ("/similar", "/people/Ada", "/faces/1.jpg", "/names"):
        reply = shared.options(path, headers={**BEFOREHAND, **OUTSIDE, "Origin": APP})
        assert (reply.status_code, reply.data, reply.headers[ALLOWED]) == (204, b"", APP), path
        assert {"GET", "POST", "DELETE"} <= set(reply.access_control_allow_methods)
        assert {"authorization", "content-type", "if-none-match"} <= {
            one.lower() for one in reply.access_control_allow_headers
        }
        assert "Origin" in reply.vary


def test_answers_and_problems_can_be_read_by_pages_that_are_listed(shared: FlaskClient) -> None:
    for path, more, status in (
        ("/people", BEARER, 200),
        ("/faces/1.jpg", BEARER, 200),
        ("/nowhere", BEARER, 404),
        ("/similar?image=face:1&k=0", BEARER, 400),
        ("/people", {}, 401),
    ):
        for origin in (APP, "http://localhost:3000"):
            reply = shared.get(path, headers={**ELSEWHERE, **OUTSIDE, **more, "Origin": origin})
            assert (reply.status_code, reply.headers[ALLOWED]) == (status, origin), path
            exposed = reply.headers["Access-Control-Expose-Headers"]
            assert {"ETag", "Retry-After", "X-Request-Id"} <= set(exposed.split(", "))
            assert reply.headers["API-Version"] == VERSION
            assert "Access-Control-Allow-Credentials" not in reply.headers
            assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "origin", ["https://other.example", "http://app.example", f"{APP}:8443", f"{APP}.evil.example", "null", f"{APP}/"]
)
def test_who_is_not_listed_reads_nothing(shared: FlaskClient, asked: FlaskClient, origin: str) -> None:
    for service in (shared, asked):
        beforehand = service.options("/people", headers={**BEFOREHAND, "Origin": origin})
        assert beforehand.status_code == 400
        question = service.get("/people", headers={**ELSEWHERE, "Origin": origin})
        assert (question.status_code, question.json["type"]) == (400, "bad-request")
        neighbour = service.get("/people", headers={"Sec-Fetch-Site": "same-site", "Origin": origin})
        for reply in (beforehand, question, neighbour):
            assert not [name for name, _ in reply.headers if name.startswith("Access-Control")]


def test_a_cache_keeps_answers_to_different_pages_apart(place: Path, shared: FlaskClient, asked: FlaskClient) -> None:
    for service in (shared, client(place, ORIGINS=APP)):
        assert "Origin" in service.get("/people").vary, "also where nobody asks from elsewhere"
    assert "Origin" not in asked.get("/people").vary


def test_a_key_that_the_browser_remembers_is_not_the_pages(shared: FlaskClient) -> None:
    page = {**ELSEWHERE, "Origin": APP}
    reply = shared.delete("/names/last", headers=page, auth=("", KEY))
    assert (reply.status_code, "Bearer" in reply.json["detail"]) == (401, True)
    assert shared.delete("/names/last", headers={**page, **BEARER}).status_code == 404, "nothing to take back"


def test_another_host_is_refused_as_ever(shared: FlaskClient) -> None:
    for host in ("evil.example", "app.example"):
        reply = shared.get("/people", headers={"Host": host, "Origin": APP, **BEARER})
        assert (reply.status_code, reply.json["type"]) == (400, "bad-request")


def test_frames_are_for_those_who_are_listed(shared: FlaskClient, asked: FlaskClient) -> None:
    for path in ("/", "/report/"):
        with shared.get(path) as one, asked.get(path) as other:
            policies = [reply.headers["Content-Security-Policy"] for reply in (one, other)]
        assert policies[0].endswith(f"frame-ancestors {APP} http://localhost:3000")
        assert policies[1].endswith("frame-ancestors 'none'")


def test_origins_are_read_as_browsers_write_them() -> None:
    assert origins_in("") == ()
    text = " HTTPS://App.Example:443,http://[::1]:3000\nhttp://10.0.0.7  https://app.example https://a.example:8443"
    assert origins_in(text) == (APP, "http://[::1]:3000", "http://10.0.0.7", "https://a.example:8443")


@pytest.mark.parametrize(
    "wrong",
    [
        *("*", "https://*.example", "null", "app.example", "ftp://app.example", f"{APP}/", f"{APP}/page", f"{APP}?a"),
        *("https://me@app.example", f"{APP}:0", f"{APP}:99999", f"{APP}:", "https://", "https://bücher.example", "//a"),
    ],
)
def test_what_is_no_origin_is_refused(wrong: str) -> None:
    with pytest.raises(BadOrigins, match="NITERU_ORIGINS"):
        origins_in(f"{APP} {wrong}")


def test_a_wrong_setting_stops_the_service_with_a_sentence(place: Path) -> None:
    ended = niteru("serve", "--gallery", place / "gallery", "--port", free_port(), env={"NITERU_ORIGINS": "*"})
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("niteru: NITERU_ORIGINS: '*' is no origin. List each by itself")
    assert "Traceback" not in ended.stderr
