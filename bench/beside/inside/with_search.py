"""Search libraries over the same vectors, asked for the ten nearest faces of other people on one thread.

Every library is asked for as many more faces as a person has photos, and those of the question's own person are
dropped. FAISS is also asked with a selector, by which it leaves them out itself.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

NEAREST, OWN = 10, 8
Search = Callable[[Any, int], Any]
"""Function from a vector and a number to so many rows, the nearest first."""
Selecting = Callable[[Any, int, Any], Any]
"""The same, with rows to leave out as a third argument."""
Built = tuple[Any, dict[int, Callable[[], Search]]]
"""An object to keep alive, and functions that prepare a search, by effort."""


def numpy_loop(vectors: Any) -> Built:
    """Search by one matrix product and a partial sort."""

    def search(vector: Any, k: int) -> Any:
        alike = vectors @ vector
        best = np.argpartition(-alike, k)[:k]
        return best[np.argsort(-alike[best])]

    return vectors, {0: lambda: search}


def sklearn(vectors: Any) -> Built:
    """Search by ``NearestNeighbors`` with brute force, which it chooses itself for cosines."""
    from sklearn.neighbors import NearestNeighbors

    index = NearestNeighbors(metric="cosine").fit(vectors)
    return index, {0: lambda: lambda v, k: index.kneighbors(v[None], k, return_distance=False)[0]}


def faiss_flat(vectors: Any) -> Built:
    """Search exactly with FAISS."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index, {0: lambda: lambda v, k: index.search(v[None], k)[1][0]}


def faiss_hnsw(vectors: Any) -> Built:
    """Search in FAISS's graph with 32 neighbours."""
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 100
    index.add(vectors)

    def at(effort: int) -> Callable[[], Search]:
        def make() -> Search:
            index.hnsw.efSearch = effort
            return lambda v, k: index.search(v[None], k)[1][0]

        return make

    return index, {effort: at(effort) for effort in (32, 64, 128, 256, 512, 1024)}


def _ivf(kind: str, vectors: Any) -> Built:
    import faiss as typed

    faiss: Any = typed  # its type hints lack the parameters of a search

    lists = 2 * int(len(vectors) ** 0.5)
    index = faiss.index_factory(vectors.shape[1], kind.format(lists=lists), faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[: lists * 64])
    index.add(vectors)

    def at(effort: int) -> Callable[[], Search]:
        parameters: Any = faiss.SearchParametersIVF(nprobe=effort)
        if "RFlat" in kind:
            parameters = faiss.IndexRefineSearchParameters(k_factor=max(16, effort), base_index_params=parameters)
        return lambda: lambda v, k: index.search(v[None], k, params=parameters)[1][0]

    return index, {effort: at(effort) for effort in (8, 16, 32, 64, 128, 256, 512)}


def faiss_ivf(vectors: Any) -> Built:
    """Search in FAISS's lists of whole vectors."""
    return _ivf("IVF{lists},Flat", vectors)


def faiss_ivfpq(vectors: Any) -> Built:
    """Search in FAISS's lists of codes, refined by whole vectors."""
    return _ivf("IVF{lists},PQ64x4fs,RFlat", vectors)


def annoy(vectors: Any) -> Built:
    """Search in fifty trees of Annoy."""
    from annoy import AnnoyIndex

    index = AnnoyIndex(vectors.shape[1], "angular")
    for row, vector in enumerate(vectors):
        index.add_item(row, vector)
    index.build(50)

    def at(effort: int) -> Callable[[], Search]:
        return lambda: lambda v, k: np.array(index.get_nns_by_vector(v, k, effort))

    return index, {effort: at(effort) for effort in (-1, 5_000, 20_000, 80_000)}


def hnswlib(vectors: Any) -> Built:
    """Search in hnswlib's graph with 32 neighbours."""
    import hnswlib

    index = hnswlib.Index("ip", vectors.shape[1])
    index.init_index(len(vectors), M=32, ef_construction=100)
    index.add_items(vectors)
    index.set_num_threads(1)

    def at(effort: int) -> Callable[[], Search]:
        def make() -> Search:
            index.set_ef(effort)
            return lambda v, k: index.knn_query(v, k)[0][0]

        return make

    return index, {effort: at(effort) for effort in (32, 64, 128, 256, 512, 1024)}


def usearch(vectors: Any) -> Built:
    """Search in usearch's graph with 32 neighbours and float32 vectors."""
    from usearch.index import Index

    index = Index(ndim=vectors.shape[1], metric="ip", dtype="f32", connectivity=32, expansion_add=100)
    index.add(np.arange(len(vectors)), vectors)

    def at(effort: int) -> Callable[[], Search]:
        def make() -> Search:
            index.expansion_search = effort
            return lambda v, k: index.search(v, k).keys

        return make

    return index, {effort: at(effort) for effort in (32, 64, 128, 256, 512, 1024)}


def milvus_lite(vectors: Any) -> Built:
    """Search in Milvus Lite with the index that it chooses itself, in a folder."""
    from pymilvus import MilvusClient

    folder = TemporaryDirectory()
    client = MilvusClient(f"{folder.name}/lite.db")
    client.create_collection("faces", dimension=vectors.shape[1], metric_type="IP")
    for start in range(0, len(vectors), 1000):
        block = vectors[start : start + 1000]
        client.insert("faces", [{"id": start + row, "vector": vector} for row, vector in enumerate(block.tolist())])
    client.flush("faces")

    def search(vector: Any, k: int) -> Any:
        return np.array([hit["id"] for hit in client.search("faces", [vector.tolist()], limit=k)[0]])

    return (client, folder), {0: lambda: search}


def _selected(kind: str, vectors: Any) -> tuple[Any, dict[int, Callable[[], Selecting]]]:
    """Search with FAISS and a bitmap of the rows to leave out."""
    import faiss as typed

    faiss: Any = typed
    if kind == "Flat":
        index: Any = faiss_flat(vectors)[0]
    else:
        index = {"HNSW": faiss_hnsw, "IVFPQ": faiss_ivfpq}[kind](vectors)[0]

    def parameters(effort: int, selector: Any) -> Any:
        if kind == "Flat":
            return faiss.SearchParameters(sel=selector)
        if kind == "HNSW":
            return faiss.SearchParametersHNSW(efSearch=effort, sel=selector)
        lists = faiss.SearchParametersIVF(nprobe=effort, sel=selector)
        return faiss.IndexRefineSearchParameters(k_factor=max(16, effort), base_index_params=lists)

    def at(effort: int) -> Callable[[], Selecting]:
        def search(vector: Any, k: int, without: Any) -> Any:
            bits = np.full((len(vectors) + 7) // 8, 255, np.uint8)
            for row in without.tolist():
                bits[row >> 3] &= 255 ^ (1 << (row & 7))
            return index.search(vector[None], k, params=parameters(effort, faiss.IDSelectorBitmap(bits)))[1][0]

        return lambda: search

    efforts = {"Flat": (0,), "HNSW": (32, 64, 128, 256, 512, 1024), "IVFPQ": (8, 16, 32, 64, 128, 256, 512)}[kind]
    return index, {effort: at(effort) for effort in efforts}


def resident_mb() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def measure(library: str, vectors: Any, asked: Any, people: Any) -> dict[str, Any]:
    """Build an index with a library, and ask all questions at each effort."""
    name, _, selecting = library.partition(", ")
    build = (lambda some: _selected(name.split()[1], some)) if selecting else LIBRARIES[name]
    build(vectors[:1000])  # loads the library, whose memory must not count as the index's
    before, start = resident_mb(), perf_counter()
    kept, searches = build(vectors)
    figures: dict[str, Any] = {"build_s": perf_counter() - start, "memory_mb": resident_mb() - before, "efforts": {}}
    _one_thread()
    own = {int(row): np.flatnonzero(people == people[row]) for row in asked}
    for effort, make in searches.items():
        search: Any = make()
        spent, found = [], []
        for row in asked.tolist():
            start = perf_counter()
            if selecting:
                others = search(vectors[row], NEAREST, own[row])
            else:
                rows = search(vectors[row], NEAREST + OWN)
                others = rows[people[rows] != people[row]][:NEAREST]
            spent.append(perf_counter() - start)
            found.append(np.pad(others, (0, NEAREST - len(others)), constant_values=-1).tolist())
        figures["efforts"][effort] = {"ms": statistics.median(spent) * 1000, "found": found}
    del kept
    return figures


def _one_thread() -> None:
    if "faiss" in sys.modules:
        sys.modules["faiss"].omp_set_num_threads(1)


LIBRARIES: dict[str, Callable[[Any], Built]] = {
    "NumPy": numpy_loop,
    "scikit-learn": sklearn,
    "FAISS Flat": faiss_flat,
    "FAISS HNSW": faiss_hnsw,
    "FAISS IVF": faiss_ivf,
    "FAISS IVFPQ": faiss_ivfpq,
    "Annoy": annoy,
    "hnswlib": hnswlib,
    "usearch": usearch,
    "Milvus Lite": milvus_lite,
}


def everybody(library: str, vectors: Any) -> dict[str, Any]:
    """Find the ten nearest of all faces, by the library's own way of asking for many."""
    start = perf_counter()
    if library == "scikit-learn":
        from sklearn.neighbors import NearestNeighbors

        NearestNeighbors(metric="cosine", n_jobs=-1).fit(vectors).kneighbors(n_neighbors=NEAREST)
    elif library == "FAISS Flat":
        import faiss

        faiss.knn(vectors, vectors, NEAREST + 1, metric=faiss.METRIC_INNER_PRODUCT)
    else:
        for block in np.array_split(vectors, max(1, len(vectors) // 1000)):
            np.argpartition(-(block @ vectors.T), NEAREST + 1, axis=1)[:, : NEAREST + 1]
    return {"seconds": perf_counter() - start}


if __name__ == "__main__":
    work, library, file, *rest = sys.argv[1:]
    loaded = np.load(file)
    if work == "everybody":
        answer = everybody(library, loaded)
    else:
        questions = np.load(rest[0])
        answer = measure(library, loaded, questions["asked"], questions["people"])
    sys.stdout.write("\n" + json.dumps(answer))
