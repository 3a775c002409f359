"""Behind proxies: whom the service believes, and the configurations for nginx and Caddy, run as they are."""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from niteru.serve.http.proxies import BadPrefix, BadProxies
from support.command import free_port, listens, start
from support.service import KEY, client
from support.waiting import soon

BEARER = {"Authorization": f"Bearer {KEY}"}
DEPLOY = Path(__file__).parents[2] / "deploy"


MARKS = (
    "Forwarded Via X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Ssl X-Forwarded-Prefix "
    "X-Forwarded X-Forwarded-Client-Cert X-Real-IP X-Client-IP True-Client-IP X-Cluster-Client-IP Client-IP "
    "X-Original-Forwarded-For X-Original-Host X-Original-URL X-Rewrite-URL X-ProxyUser-Ip Proxy-Connection "
    "X-Scheme X-Host X-Envoy-External-Address X-Envoy-Expected-Rq-Timeout-Ms X-Amz-Cf-Id X-Amzn-Trace-Id "
    "CF-Connecting-IP CF-Ray CF-IPCountry Cdn-Loop Fastly-Client-IP Fly-Client-IP X-Azure-ClientIP X-ARR-SSL "
    "Akamai-Origin-Hop X-Varnish X-Cloud-Trace-Context Front-End-Https WL-Proxy-Client-IP X-Remote-IP "
    "X-Vercel-Id "
)


def test_any_header_of_a_proxy_is_from_outside(keyed: FlaskClient) -> None:
    for header in MARKS.split():
        for name in (header, header.lower(), header.upper()):
            assert keyed.get("/people", headers={name: "1"}).status_code == 401, name
        assert keyed.get("/people", headers={header: "1", **BEARER}).status_code == 200, header
    assert keyed.get("/people", environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"}).status_code == 401, (
        "nginx unless told"
    )
    browser = {"Sec-Fetch-Site": "none", "Accept-Language": "ja", "X-Requested-With": "fetch", "X-Request-Id": "1"}
    assert keyed.get("/people", headers=browser).status_code == 200


def links(asked: FlaskClient, at: str = "", **headers: str) -> set[str]:
    """Every link that the service gives, as it gives it."""
    given = {"headers": {**headers, **BEARER}}
    found = {asked.get(f"{at}/openapi.json", **given).json["servers"][0]["url"]}
    found.add(asked.get(f"{at}/report", **given).headers["Location"])
    page = asked.get(f"{at}/", **given).text
    found |= set(re.findall(r'(?:href|src)="([^"#]+)"', page)) | {re.search(r'data-root="(.*?)"', page)[1] + "/"}
    answer = asked.get(f"{at}/similar?image=face:1&mode=all", **given).json
    found |= {face["crop"] for row in answer["results"] for face in row["faces"]}
    name = answer["results"][0]["person"]
    found |= {face["crop"] for face in asked.get(f"{at}/people/{name}", **given).json["faces"]}
    return found | {asked.get(f"{at}/faces/1", **given).json["crop"]}


@pytest.fixture(scope="module")
def plain(keyed: FlaskClient) -> set[str]:
    """Links of a service that no proxy shows."""
    return links(keyed)


def test_all_links_carry_the_prefix(place: Path, keyed: FlaskClient, plain: set[str]) -> None:
    for one in (
        links(keyed, **{"X-Forwarded-Prefix": "/niteru"}),
        links(keyed, **{"X-Forwarded-Prefix": "/niteru/"}),
        links(client(place, KEY, PREFIX="/niteru")),
        links(client(place, KEY, PREFIX="/niteru/"), at="/niteru"),
    ):
        assert {link.rstrip("/") for link in one} == {f"/niteru{link}".rstrip("/") for link in plain}


@pytest.mark.parametrize(
    "prefix",
    [
        *("//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "evil.example", "/a//b"),
        *(
            '/"><script>',
            "/a b",
            "/a%2f",
            "/..",
            "/a/../b",
            "/.",
            "/a?b",
            "/a#b",
            "/é",
            "/" + "x" * 300,
            "javascript:x",
        ),
        *("/a, //evil.example", "/;a", "/@evil.example", "/a:b"),
    ],
)
def test_what_is_no_prefix_is_in_no_link(place: Path, keyed: FlaskClient, plain: set[str], prefix: str) -> None:
    header = prefix.encode("utf-8").decode("latin-1")
    assert links(keyed, **{"X-Forwarded-Prefix": header}) == plain
    with pytest.raises(BadPrefix):
        client(place, KEY, PREFIX=prefix)


def test_a_prefix_is_none_of_the_services_own_paths(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    for own in ("/faces", "/people/x", "/report", "/static", "/similar"):
        with pytest.raises(BadPrefix, match="own"):
            client(place, KEY, PREFIX=own)
    assert "serving generation" not in caplog.text, "told before the gallery is opened"


def test_only_proxies_on_this_machine_are_believed_unless_told(place: Path, keyed: FlaskClient) -> None:
    said = {"X-Forwarded-Prefix": "/niteru", "X-Forwarded-For": "198.51.100.7", **BEARER}

    def crop(peer: str, asked: FlaskClient = keyed) -> str:
        return asked.get("/faces/1", headers=said, environ_base={"REMOTE_ADDR": peer}).json["crop"]

    for peer in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        assert crop(peer) == "/niteru/faces/1.jpg", peer
    for peer in ("192.168.1.7", "10.0.0.1", "8.8.8.8", "::2", "", "nonsense"):
        assert crop(peer) == "/faces/1.jpg", peer
    assert crop("10.1.2.3", client(place, KEY, PROXIES="10.0.0.0/8, ::1")) == "/niteru/faces/1.jpg"
    assert crop("127.0.0.1", client(place, KEY, PROXIES="10.0.0.0/8")) == "/faces/1.jpg"
    with pytest.raises(BadProxies, match="NITERU_PROXIES"):
        client(place, KEY, PROXIES="everybody")


def nginx(root: Path, port: int, backend: str) -> list[str]:
    """Command of nginx with our server, and beside it only what a test needs to run as it does not run anywhere."""
    ours = (
        (DEPLOY / "nginx.conf")
        .read_text()
        .replace("8443", f"127.0.0.1:{port}")
        .replace("http://127.0.0.1:8000", backend)
    )
    places = "".join(
        f"{kind}_temp_path {root}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (root / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; pid {root}/pid; error_log {root}/error.log; "
        f"events {{}} http {{ access_log off; {places} {ours} }}"
    )
    return ["nginx", "-e", f"{root}/error.log", "-c", f"{root}/nginx.conf"]


def caddy(root: Path, port: int, backend: str) -> list[str]:
    """Command of Caddy, likewise."""
    ours = (DEPLOY / "Caddyfile").read_text().replace(":8443", f"http://127.0.0.1:{port}")
    ours = ours.replace("127.0.0.1:8000", backend.removeprefix("http://"))
    (root / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + ours)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", f"{root}/Caddyfile"]


@pytest.fixture(scope="module", params=[nginx, caddy], ids=lambda one: one.__name__)
def proxied(request: pytest.FixtureRequest, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of a proxy before a service with a key."""
    if shutil.which(request.param.__name__) is None:
        pytest.skip(f"{request.param.__name__} is not installed")
    root, port = tmp_path_factory.mktemp("proxy"), free_port()
    root.chmod(0o755)
    before = os.environ.get("NITERU_API_KEY")
    os.environ["NITERU_API_KEY"] = KEY
    service, backend = start(place / "gallery", root / "log")
    os.environ.pop("NITERU_API_KEY") if before is None else os.environ.update(NITERU_API_KEY=before)
    home = {**os.environ, "XDG_DATA_HOME": str(root), "XDG_CONFIG_HOME": str(root)}
    with (root / "proxy.log").open("wb") as log:
        proxy = subprocess.Popen(request.param(root, port, backend), stdout=log, stderr=log, env=home)
    try:
        assert soon(lambda: listens(port) or proxy.poll() is not None)
        assert proxy.poll() is None, (root / "proxy.log").read_text()
        yield port
    finally:
        for one in (proxy, service):
            one.terminate()
            one.wait(20)


def ask(
    port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read(), reply.headers


FORM = {"Content-Type": "multipart/form-data; boundary=B"}


def form(photo: bytes) -> bytes:
    head = b'--B\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
    return head + photo + b"\r\n--B--\r\n"


def test_through_a_proxy_the_key_is_asked_for_and_links_lead_back(proxied: int) -> None:
    assert ask(proxied, "/niteru/people")[0] == 401
    assert ask(proxied, "/niteru/healthz")[0] == 200
    status, page, _ = ask(proxied, "/niteru/", **BEARER)
    assert status == 200
    for link in re.findall(r'(?:href|src)="(/[^"]+)"', page.decode()):
        assert link.startswith("/niteru/")
        assert ask(proxied, link, **BEARER)[0] in (200, 404 if "report" in link else 200)
    assert ask(proxied, "/niteru")[2]["Location"].endswith("/niteru/")
    crop = json.loads(ask(proxied, "/niteru/faces/1", **BEARER)[1])["crop"]
    assert ask(proxied, crop, **BEARER)[1].startswith(b"\xff\xd8")
    assert b"people" not in ask(proxied, "/people", **BEARER)[1], "nothing beside the path"
    assert ask(proxied, "/niteru/people?limit=1", **BEARER)[2]["Link"].startswith("</niteru/people?limit=1&offset=1>")


def test_through_a_proxy_nothing_is_sent_twice(proxied: int) -> None:
    for path in ("/niteru/people", "/niteru/similar?image=face:1", "/niteru/faces/1.jpg"):
        tag = ask(proxied, path, **BEARER)[2]["ETag"]
        status, body, headers = ask(proxied, path, **BEARER, **{"If-None-Match": tag})
        assert (status, body, headers["ETag"]) == (304, b"", tag), path
        assert headers["Cache-Control"] == "private, no-cache", path


def test_a_proxy_takes_as_much_as_the_service(proxied: int) -> None:
    within, beyond = b"x" * (63 << 20), b"x" * (65 << 20)
    assert ask(proxied, "/niteru/similar", "POST", form(within), **FORM, **BEARER)[0] in (413, 415), "read, and judged"
    problem = json.loads(ask(proxied, "/niteru/similar", "POST", form(within), **FORM, **BEARER)[1])
    assert problem["type"] in ("too-large", "unsupported-type")
    status = 0
    with contextlib.suppress(OSError):
        status = ask(proxied, "/niteru/similar", "POST", form(beyond), **FORM, **BEARER)[0]
    assert status in (0, 413), "refused, or hung up on in the middle"


def test_made_up_addresses_do_not_pass_the_rate_limit(proxied: int) -> None:
    statuses = [
        ask(
            proxied, "/niteru/similar", "POST", form(b""), **FORM, **BEARER, **{"X-Forwarded-For": f"198.51.100.{one}"}
        )[0]
        for one in range(65)
    ]
    assert statuses[-1] == 429
    assert statuses.count(429) >= 5


def test_a_slow_upload_through_a_proxy_holds_nobody_up(proxied: int) -> None:
    head = f"POST /niteru/similar HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 100000\r\n"
    slow = [socket.create_connection(("127.0.0.1", proxied), timeout=10) for _ in range(40)]
    for one in slow:
        one.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=B\r\n\r\n--B\r\n")
    began, asked = time.monotonic(), 0
    while time.monotonic() - began < 3:
        for one in slow:
            with contextlib.suppress(OSError):
                one.sendall(b"x")
        with urllib.request.urlopen(f"http://127.0.0.1:{proxied}/niteru/healthz", timeout=5) as reply:
            assert reply.status == 200
        asked += 1
    for one in slow:
        one.close()
    assert asked >= 3
