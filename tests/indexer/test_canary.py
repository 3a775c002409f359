"""A canary shows when the model gives other vectors than when its generation was published."""

from pathlib import Path

import numpy as np
import pytest

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.photos.file_content import sha256_of
from niteru.indexer.ask.live_gallery import IndexMismatch, LiveGallery
from niteru.indexer.generations.canary import LEAST_COSINE, Canary
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.storage.local.sealing import write_manifest
from niteru.indexer.update.enrol import update
from niteru.serve.http.app import create_app


def spoil(gallery: Path, by: float) -> None:
    """Turn the kept vectors away, and seal the generation again as if they had always been so."""
    folder = gallery / "generations" / f"{LocalGenerationStore(gallery).current():06d}"
    kept = Canary.load(folder / "canary.npz")
    turned = kept.vectors + by * np.roll(kept.vectors, 1, axis=1)
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    Canary(kept.crops, turned.astype(np.float32)).save(folder / "canary.npz")
    manifest = LocalGenerationStore(folder.parents[1]).manifest(int(folder.name))
    manifest["sha256"]["canary.npz"] = sha256_of(folder / "canary.npz")
    write_manifest(folder, manifest)


def test_the_canary_is_of_drawn_people_and_agrees_with_itself(gallery) -> None:
    kept = LocalGenerationStore(gallery.folder).load().canary
    assert len(kept.crops) == 8
    assert kept.agreement(Embedder()) > 0.9999


def test_an_index_of_other_vectors_is_not_served(gallery) -> None:
    spoil(gallery.folder, 0.2)
    client = create_app({"GALLERY": str(gallery.folder)}).test_client()
    for path, why in (("/similar?image=face:1", "other vectors here"), ("/readyz", "niteru index")):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.json["type"].endswith("index-mismatch")
        assert why in answer.json["detail"]
    assert client.get("/healthz").status_code == 200


def test_indexing_where_the_model_gives_other_vectors_embeds_all_faces_again(gallery) -> None:
    """Otherwise one new photo would bless the vectors of all the others with a new canary."""
    spoil(gallery.folder, 0.2)
    faces = gallery.folder.parent / "faces"
    summary = update(gallery.folder, faces, crops=True)
    assert (summary.unchanged, summary.generation) == (18, 2)
    assert LocalGenerationStore(gallery.folder).load().canary.agreement(Embedder()) > LEAST_COSINE
    assert create_app({"GALLERY": str(gallery.folder)}).test_client().get("/readyz").status_code == 200


def test_a_generation_without_a_canary_is_refused_with_advice(gallery) -> None:
    folder = gallery.folder / "generations" / f"{LocalGenerationStore(gallery.folder).current():06d}"
    manifest = LocalGenerationStore(folder.parents[1]).manifest(int(folder.name))
    (folder / "canary.npz").unlink()
    del manifest["sha256"]["canary.npz"]
    write_manifest(folder, manifest)
    with pytest.raises(GenerationUnusable, match="older niteru: run niteru index"):
        LocalGenerationStore(gallery.folder).load()
    assert update(gallery.folder, gallery.folder.parent / "faces", crops=True).generation == 2


def test_rounding_is_no_mismatch(gallery) -> None:
    spoil(gallery.folder, 0.001)
    opened = LiveGallery(gallery.folder).open()
    assert opened.generation.canary.agreement(Embedder()) > LEAST_COSINE
    opened.close()


def test_a_vector_of_another_length_is_a_mismatch(gallery) -> None:
    kept = LocalGenerationStore(gallery.folder).load().canary
    assert Canary(kept.crops, kept.vectors[:, :64]).agreement(Embedder()) == -1.0


def test_a_missing_model_is_named(gallery) -> None:
    folder = gallery.folder / "generations" / f"{LocalGenerationStore(gallery.folder).current():06d}"
    manifest = LocalGenerationStore(folder.parents[1]).manifest(int(folder.name))
    write_manifest(folder, {**manifest, "model": "lost:0123"})
    with pytest.raises(IndexMismatch, match="lost:0123"):
        LiveGallery(gallery.folder).open()
