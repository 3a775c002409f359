"""Photos and crops at addresses: a real S3 server (moto's) on this machine."""

from __future__ import annotations

import pickle
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from support.drawn import DrawnFolder

s3fs = pytest.importorskip("s3fs")
moto = pytest.importorskip("moto.server")

import fsspec

from niteru.engine.drawn import person
from niteru.engine.photos.faces_folder import FacesMissing, list_photos
from niteru.engine.photos.remote import RemoteFile, exists, on_this_machine
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from support.drawings import drawn


@pytest.fixture(scope="module")
def s3() -> Iterator[None]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = moto.ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        for name in ("AWS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            patch.delenv(name, raising=False)
        yield
    server.stop()


@pytest.fixture
def bucket(s3: None, tmp_path: Path, faces: DrawnFolder) -> str:
    """The drawn crops, in a bucket of this test's own."""
    name = f"b{abs(hash(str(tmp_path))):x}"
    files = fsspec.filesystem("s3", skip_instance_cache=True)
    files.mkdir(name)
    files.put(f"{faces.folder}/", f"{name}/photos/", recursive=True)
    return name


def put(address: str, data: bytes) -> None:
    with fsspec.open(address, "wb") as file:
        file.write(data)


def test_a_bucket_is_indexed_like_a_folder(bucket: str, faces: DrawnFolder, tmp_path: Path) -> None:
    address, place = f"s3://{bucket}/photos", tmp_path / "gallery"
    put(f"{address}/alone.jpg", b"nobody's, and no picture")
    put(f"{address}/{faces.names[0]}/broken.jpg", b"no picture")
    put(f"{address}/.hidden/x.jpg", b"x")
    put(f"{address}/{faces.names[0]}/notes.txt", b"x")
    first = update(place, address, crops=True)
    assert (len(first.added), first.people) == (18, 6)
    assert first.skipped == {"alone.jpg": "unsupported-type", f"{faces.names[0]}/broken.jpg": "unsupported-type"}
    again = update(place, address, crops=True)
    assert (again.unchanged, again.changed, again.removed, again.generation) == (18, [], [], 1)
    # The same bytes under another name, another picture under the same, and one gone.
    data = (faces.folder / faces.ref(0)).read_bytes()
    put(f"{address}/{faces.names[1]}/moved.png", data)
    files = fsspec.filesystem("s3")
    files.rm(f"{bucket}/photos/{faces.ref(0)}")
    put(f"{address}/{faces.ref(2)}", (faces.folder / faces.ref(3)).read_bytes())
    last = update(place, address, crops=True)
    assert last.moved == [f"{faces.names[1]}/moved.png"]
    assert last.changed == [faces.ref(2)]
    assert last.faces == 18
    update(tmp_path / "beside", faces.folder, crops=True)
    with closing(Gallery(place)) as gallery, closing(Gallery(tmp_path / "beside")) as beside:
        here, there = (some.catalog.queries.faces_of_photo(faces.ref(4))[0] for some in (gallery, beside))
        assert here.box == there.box
        np.testing.assert_array_equal(gallery.vector(here.id), beside.vector(there.id))


def test_photographs_and_forgetting(bucket: str, tmp_path: Path) -> None:
    address, place = f"s3://{bucket}/whole", tmp_path / "gallery"
    for number in range(5):
        image = cv2.cvtColor(drawn(number).image, cv2.COLOR_RGB2BGR)
        put(f"{address}/{person(number).name}/1.jpg", cv2.imencode(".jpg", image)[1].tobytes())
    assert update(place, address).faces == 5
    receipt = forget(place, person(0).name)
    assert receipt.clean
    assert receipt.still_in_faces == [f"{address}/{person(0).name}/1.jpg"]
    assert update(place, address).skipped == {f"{person(0).name}/1.jpg": "forgotten"}


def test_a_photo_costs_a_worker_one_request(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = pickle.dumps([photo.path for photo in list_photos(f"s3://{bucket}/photos").photos])
    s3fs.S3FileSystem.clear_instance_cache()  # another process knows nothing of what was listed here
    asked: list[str] = []
    ask = s3fs.S3FileSystem._call_s3

    async def counted(files: s3fs.S3FileSystem, verb: str, *words: Any, **more: Any) -> Any:
        asked.append(verb)
        return await ask(files, verb, *words, **more)

    monkeypatch.setattr(s3fs.S3FileSystem, "_call_s3", counted)
    photos = pickle.loads(sent)
    assert all(photo.is_file() and photo.stat().st_size for photo in photos)
    assert asked == []
    assert all(photo.read_bytes() for photo in photos)
    assert asked == ["get_object"] * 18


def test_names_are_the_store_s_own(bucket: str) -> None:
    names = {"a::b.png", "who?.png", "x#1.png", "50%20.png"}
    for name in names:
        fsspec.filesystem("s3").pipe_file(f"{bucket}/odd/somebody/{name}", name.encode())
    photos = list_photos(f"s3://{bucket}/odd").photos
    assert {photo.path.read_bytes().decode() for photo in photos} == {photo.path.name for photo in photos} == names


def test_what_cannot_be_listed_is_told(s3: None, tmp_path: Path) -> None:
    with pytest.raises((FacesMissing, OSError)):
        list_photos("s3://there-is-no-such-bucket/photos")
    with pytest.raises(FacesMissing, match="must be a file on this machine"):
        list_photos("s3://bucket/table.csv")
    with pytest.raises(FacesMissing, match="nonsense"):
        list_photos("nonsense://bucket")


def test_the_crops_of_a_gallery_lie_in_a_bucket(
    bucket: str, faces: DrawnFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from niteru.indexer.storage.crops import Crops

    crops = Crops(f"s3://{bucket}/crops")
    assert crops.kept() == set()
    assert crops.data(7) is None
    crops.save(7, np.full((112, 112, 3), 90, np.uint8))
    crops.copy(7, 1_008)
    crops.copy(99, 100)
    assert crops.kept() == {7, 1_008}
    loaded = crops.load(1_008)
    assert loaded is not None
    assert abs(int(loaded.mean()) - 90) < 3
    crops.remove([7, 9])
    assert crops.kept() == {1_008}
    crops._files.write(crops.path(5), b"")  # what a power cut can leave
    assert crops.kept() == {1_008}
    assert crops.load(5) is None


def test_a_remote_file_is_a_path_as_far_as_it_must(bucket: str, faces: DrawnFolder) -> None:
    listed = list_photos(f"s3://{bucket}/photos").photos[0]
    photo = listed.path
    assert isinstance(photo, RemoteFile)
    assert (photo.name, photo.suffix) == (Path(listed.ref).name, ".png")
    assert photo.stat().st_size == len(photo.read_bytes())
    with pytest.raises(FacesMissing, match=r"png: the photo must be in a folder on this machine"):
        _ = listed.on_disk
    with on_this_machine(photo) as file:
        assert file.read_bytes() == photo.read_bytes()
        assert file.suffix == ".png"
    assert not file.exists()
    assert exists(str(photo))
    assert not exists(f"s3://{bucket}/nothing")
