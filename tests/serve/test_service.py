"""Keys, limits, metrics, the report, explanations, and the service's description of itself."""

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.regions import PARTS, shares
from niteru.indexer.storage.local.lock import gallery_lock
from niteru.indexer.update.enrol import update
from niteru.serve.http.limits import BadRateLimit
from niteru.serve.keys.owners_key import KeyMissing
from support.command import niteru
from support.drawn import DrawnFolder
from support.service import KEY, client


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"anybody:{key}".encode()).decode()}


def test_deleting_asks_for_the_key_and_answers_with_the_receipt(tmp_path: Path, faces: DrawnFolder) -> None:
    update(tmp_path / "gallery", faces.folder, crops=True)
    asked = client(tmp_path, key=KEY)
    path = f"/people/{faces.names[2]}"
    for headers in ({}, basic("wrong"), {"Authorization": "Bearer wrong"}, {"Authorization": "nonsense"}):
        refused = asked.delete(path, headers=headers)
        assert (refused.status_code, refused.json["type"]) == (401, "unauthorised")
        assert refused.headers["WWW-Authenticate"].startswith("Basic")
    assert asked.get(path).status_code == 200, "asking is free on this machine"
    with gallery_lock(tmp_path / "gallery"):
        busy = asked.delete(path, headers=basic(KEY))
        assert (busy.status_code, busy.json["type"]) == (503, "gallery-busy")
        assert busy.headers["Retry-After"]
    reply = asked.delete(path, headers={"Authorization": f"Bearer {KEY}"})
    assert reply.status_code == 200
    assert reply.json["clean"] is True
    assert reply.json["faces"] == 3
    assert asked.get(path).status_code == 404
    assert asked.delete(path, headers=basic(KEY)).json["type"] == "person-not-found"
    assert faces.names[2] not in json.dumps(asked.get(f"/similar?image={faces.ref(0)}&k=100&mode=all").json)


def test_without_a_key_nobody_deletes(asked: FlaskClient) -> None:
    for headers in ({}, basic(""), {"Authorization": "Bearer "}):
        assert asked.delete("/people/x", headers=headers).status_code == 401


def test_beyond_this_machine_everything_asks_for_the_key(place: Path) -> None:
    with pytest.raises(KeyMissing, match="NITERU_API_KEY"):
        client(place, PUBLIC=True)
    with pytest.raises(KeyMissing):
        client(place, PUBLIC=True, key="short")
    asked = client(place, PUBLIC=True, key=KEY)
    for path in ("/", "/people", "/similar", "/metrics", "/report/", "/openapi.json", "/static/home.js", "/nothing"):
        assert asked.get(path).status_code == 401, path
        assert asked.get(path, headers=basic(KEY), buffered=True).status_code != 401, path
    assert asked.get("/healthz").status_code == 200
    assert asked.get("/people", headers={**basic(KEY), "Host": "faces.example"}).status_code == 200


def test_through_a_proxy_everything_asks_for_the_key(asked: FlaskClient, keyed: FlaskClient) -> None:
    away = {"X-Forwarded-For": "198.51.100.7", "Host": "faces.example"}
    closed = asked.get("/people", headers=away)
    assert (closed.status_code, closed.json["type"]) == (401, "unauthorised")
    assert "NITERU_API_KEY" in closed.json["detail"]
    assert keyed.get("/people", headers=away).status_code == 401
    for header in ("Forwarded", "Via", "X-Real-IP", "X-Forwarded-Host", "X-Forwarded-Proto", "CF-Connecting-IP"):
        assert keyed.get("/people", headers={header: "198.51.100.7"}).status_code == 401, header
    assert keyed.get("/people", headers={**away, **basic(KEY)}).status_code == 200
    assert keyed.get("/people").status_code == 200, "without one, on this machine, as ever"


def test_the_key_can_be_asked_for_always(place: Path) -> None:
    asked = client(place, key=KEY, ALWAYS_KEY=True)
    assert asked.get("/people").status_code == 401
    assert asked.get("/people", headers=basic(KEY)).status_code == 200
    assert asked.get("/healthz").status_code == 200


def test_a_body_that_is_no_form_is_refused_unread(asked: FlaskClient) -> None:
    """Its parsing took fifty times its bytes."""
    for kind in ("application/x-www-form-urlencoded", "application/json", "image/jpeg"):
        response = asked.post("/similar", data=b"a=1&" * 1000, content_type=kind)
        assert (response.status_code, response.json["type"]) == (400, "missing-image"), kind
        assert "multipart/form-data" in response.json["detail"]


def test_behind_a_proxy_each_of_its_clients_has_a_limit(place: Path) -> None:
    asked = client(place, key=KEY)

    def statuses(forwarded: str, peer: str = "127.0.0.1") -> set[int]:
        headers = {"X-Forwarded-For": forwarded, **basic(KEY)}
        return {
            asked.post("/similar", headers=headers, environ_base={"REMOTE_ADDR": peer}).status_code for _ in range(61)
        }

    assert statuses("198.51.100.7") == {400, 429}
    assert statuses("198.51.100.8") == {400, 429}, "not used up by the other"
    one = {"X-Forwarded-For": "made-up, 198.51.100.7", **basic(KEY)}
    assert asked.post("/similar", headers=one).status_code == 429, "what the client wrote before the proxy counts not"
    assert statuses("198.51.100.9", peer="8.8.8.8") == {400, 429}
    assert statuses("198.51.100.10", peer="8.8.8.8") == {429}, "no proxy of ours says who it is"
    assert {asked.post("/similar").status_code for _ in range(70)} == {400}, "no limit on this machine"


def test_why_is_limited_like_photos(place: Path) -> None:
    asked = client(place, RATE_LIMIT="2 per minute")
    assert [asked.get("/similar?explain=1").status_code for _ in range(3)] == [400, 400, 429]
    assert asked.post("/similar").status_code == 429
    assert asked.get("/card.png?image=face:1").status_code == 429, "dearer than both"
    assert asked.get("/similar?image=face:1").status_code == 200


def test_the_service_knows_its_own_names(place: Path) -> None:
    asked = client(place, HOST="127.0.0.2")
    for own in ("127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]", "[::1]:8000", "127.0.0.2:1"):
        assert asked.get("/people", headers={"Host": own}).status_code == 200, own
    for other in ("evil.example", "127.0.0.1.evil.example", "localhost.evil:80", "127.0.0.3", "[::2]", "[", "a b"):
        assert asked.get("/people", headers={"Host": other}).status_code == 400, other


def test_serve_refuses_to_open_to_the_network_without_a_key(place: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "some.name"):
        refused = niteru("serve", "--host", host, "--gallery", place / "gallery", env={"NITERU_API_KEY": ""})
        assert refused.returncode == 1
        assert "NITERU_API_KEY" in refused.stderr


def test_a_key_that_reads_as_a_number_is_still_the_key(place: Path) -> None:
    asked = client(place, PUBLIC=True, key="12345678901234567890e5")
    assert asked.get("/people", headers=basic("12345678901234567890e5")).status_code == 200


def test_too_many_photos_from_one_address_are_refused(place: Path) -> None:
    asked = client(place, RATE_LIMIT="3 per minute")
    codes = [asked.post("/similar").status_code for _ in range(5)]
    assert codes == [400, 400, 400, 429, 429]
    refused = asked.post("/similar")
    assert refused.json["type"] == "rate-limited"
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.content_type == "application/problem+json"
    assert asked.get("/people").status_code == 200


def test_what_is_no_limit_is_told_at_once(place: Path) -> None:
    for wrong in ("60", "often", "60 per fortnight"):
        with pytest.raises(BadRateLimit, match=f"NITERU_RATE_LIMIT={wrong} .* '60 per minute'"):
            client(place, RATE_LIMIT=wrong)


def test_of_two_limits_either_is_kept(place: Path) -> None:
    asked = client(place, RATE_LIMIT="5 per second; 2 per hour")
    assert [asked.post("/similar").status_code for _ in range(3)] == [400, 400, 429]
    assert "2 per 1 hour" in asked.post("/similar").json["detail"]


def test_metrics_count_requests_and_steps_and_name_nobody(place: Path) -> None:
    asked = client(place)
    name = asked.get("/people").json["people"][0]["person"]
    asked.get(f"/people/{name}")
    asked.get(f"/similar?image={name}/{name}_0001.png")
    asked.get("/nowhere")
    text = asked.get("/metrics").text
    assert re.search(r'niteru_requests_total\{method="GET",route="/similar",status="200"\} 1\.0', text)
    assert 'route="(none)",status="404"' in text
    assert 'niteru_step_seconds_count{step="search"} 1.0' in text
    assert "niteru_generation 1.0" in text
    assert name not in text


def test_the_report_is_served_where_there_is_one(asked: FlaskClient, place: Path, tmp_path: Path) -> None:
    page = asked.get("/report/", buffered=True)
    assert page.status_code == 200
    assert "unsafe-inline" in page.headers["Content-Security-Policy"]
    picture = re.search(r"faces/\d+(?:-large)?\.jpg", page.text)
    assert picture is not None
    assert asked.get(f"/report/{picture[0]}", buffered=True).content_type == "image/jpeg"
    assert asked.get("/report").status_code == 302
    for path in ("/report/../gallery/catalog.sqlite", "/report/%2e%2e/gallery/catalog.sqlite", "/report/none"):
        assert asked.get(path).status_code == 404
    without = client(place, REPORT=str(tmp_path / "none"))
    assert without.get("/report/").status_code == 404
    kept_link = without.get("/report/", headers={"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"})
    assert (kept_link.status_code, kept_link.location) == (302, "/")
    assert "/report/" not in without.get("/").text
    assert "/report/" in asked.get("/").text


def test_an_explained_answer_says_which_parts_are_alike(asked: FlaskClient, place: Path) -> None:
    name = asked.get("/people").json["people"][0]["person"]
    answer = asked.get(f"/similar?image={name}/{name}_0001.png&explain=1&mode=all&k=3").json
    for row in answer["results"]:
        assert row["why"].keys() == PARTS.keys()
        assert sum(row["why"].values()) == pytest.approx(1, abs=0.01)
    assert "explain" in answer["timing_ms"]
    with (place / "faces" / name / f"{name}_0001.png").open("rb") as photo:
        by_photo = asked.post("/similar?explain=1", data={"image": photo}).json
    assert all("why" in row for row in by_photo["results"])
    assert asked.get(f"/similar?image={name}/{name}_0001.png&explain=2").json["type"] == "bad-parameter"


def test_hiding_a_feature_costs_more_than_hiding_skin(drawn_crops: dict[str, list[np.ndarray]]) -> None:
    embedder = Embedder()
    for crops in drawn_crops.values():
        (parts,) = shares(embedder, crops[0], [crops[0]])
        assert sum(parts.values()) == pytest.approx(1, abs=0.01)
        assert parts["eyes"] > parts["forehead"]
    flat = np.full((112, 112, 3), 90, np.uint8)
    assert set(shares(embedder, flat, [flat])[0].values()) == {0.0}, "where there is nothing, nothing is hidden"


def test_the_description_is_whole_and_true(asked: FlaskClient) -> None:
    described = asked.get("/openapi.json").json
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {
        *(
            "/similar",
            "/compare",
            "/card.png",
            "/people",
            "/people/{name}",
            "/people/{name}/photos",
            "/people/{name}/report",
            "/key",
        ),
        *("/faces/{number}", "/faces/{number}.jpg"),
        *("/columns", "/columns/{name}", "/shortlist.{wanted}", "/healthz", "/readyz", "/metrics"),
        *("/groups", "/names", "/names/last", "/portrait.jpg", "/photo.jpg", "/pairs", "/gallery", "/judgements"),
    }
    ask = described["paths"]["/similar"]
    known = {"person", "image", "other", "k", "by", "mode", "max_rarity", "explain", "where", "age", "not_related"}
    assert {one["name"] for one in ask["get"]["parameters"]} == known
    assert {"200", "400", "404", "503"} <= set(ask["get"]["responses"])
    assert "application/problem+json" in ask["post"]["responses"]["422"]["content"]
    assert "multipart/form-data" in ask["post"]["requestBody"]["content"]


def test_what_is_no_authorization_is_no_failure_of_ours(place: Path) -> None:
    asked = client(place, PUBLIC=True, key=KEY)
    assert asked.get("/people", headers={"Authorization": "Basic \xff\xff"}).status_code == 401
    with pytest.raises(KeyMissing, match="ASCII"):
        client(place, PUBLIC=True, key="schlüssel" * 3)


def test_a_page_of_another_site_asks_nothing(asked: FlaskClient) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert asked.get("/people", headers=elsewhere).status_code == 400
    assert asked.get("/", headers={**elsewhere, "Sec-Fetch-Mode": "navigate"}).status_code == 200
    assert asked.get("/people//x").status_code == 404, "no redirect to another person"


@pytest.mark.parametrize("mode", ["navigate", "no-cors", "cors", "same-origin", "websocket", "nested-navigate", ""])
def test_a_form_of_another_site_is_refused_unread(keyed: FlaskClient, mode: str) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, **basic(KEY)}
    for method, path in (("POST", "/similar"), ("DELETE", "/people/x"), ("PUT", "/similar"), ("PATCH", "/")):
        body = io.BytesIO(b"x" * 1000)
        kind = "multipart/form-data; boundary=x"
        response = keyed.open(path, method=method, headers=elsewhere, input_stream=body, content_type=kind)
        assert (response.status_code, response.json["type"]) == (400, "bad-request"), (method, path)
        assert body.tell() == 0
