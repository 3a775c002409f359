"""Yardsticks for networks: people, strangers in groups, whole photographs and families that were not trained on.

The folder of faces has ``lfw/`` (people, ``pairs.txt``, ``east-asian.txt``), ``groups/`` (one folder for each group,
every picture of a different person), ``photos/`` (people), ``kin/KinFaceW-I`` and ``-II``, and ``dev/`` (people of the
sources that were trained on). Recipes are chosen by all but the last, which serves as a check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from niteru.engine import Pixels, Vectors
from niteru.engine.evaluation.crop_set import CropSet, prepare
from niteru.engine.evaluation.evaluate import evaluate
from niteru.engine.evaluation.groups import Group, measure_groups, thresholds, worst_adults
from niteru.engine.evaluation.kinface import KinFaces
from niteru.engine.evaluation.kinface import measure as measure_kin

AT = 1e-3
"""False match rate over all pairs of ``lfw/`` that gives the threshold for the groups."""
_PEOPLE = {
    "accuracy": "accuracy",
    "tar_at_far_1e-2": "TAR 1e-2",
    "tar_at_far_1e-3": "TAR 1e-3",
    "recall_at_1": "recall@1",
    "all_pairs_tar_at_fmr_1e-3": "all pairs 1e-3",
    "all_pairs_tar_at_fmr_1e-4": "all pairs 1e-4",
}
CHOSEN_BY = (
    *(f"lfw {name}" for name in _PEOPLE.values()),
    *("groups worst adults", "groups children", "groups babies", "lfw east-asian genuine"),
    *("photos all pairs 1e-3", "photos all pairs 1e-4", "photos recall@1"),
    *("kin I", "kin II"),
)
"""Rows by which recipes are chosen, by the mean of a recipe's ranks in them."""
_LESS_IS_BETTER = ("groups",)


@dataclass(frozen=True, slots=True, eq=False)
class Yardsticks:
    """The prepared faces, on which any number of networks can be measured."""

    lfw: CropSet
    groups: CropSet
    photos: CropSet
    dev: CropSet
    kin: dict[str, KinFaces]
    root: Path

    @classmethod
    def load(cls, root: Path) -> Yardsticks:
        """Prepare all faces below ``root``; all but those of KinFaceW are cached."""
        lfw, photos, dev = (prepare(root / name) for name in ("lfw", "photos", "dev"))
        groups = prepare(root / "groups", strangers=True)
        kin = {name: KinFaces.load(root / "kin" / f"KinFaceW-{name}") for name in ("I", "II")}
        return cls(lfw, groups, photos, dev, kin, root)

    def measure(self, embed: Callable[[Pixels], Vectors]) -> dict[str, float]:
        """Measure all rows of a network.

        Args:
            embed: function from crops, uint8 RGB (n, 112, 112, 3), to unit vectors, float32 (n, dimension).
        """
        known = embed(self.lfw.crops)
        at = thresholds(known, self.lfw.people)
        groups = measure_groups(self.groups, embed(self.groups.crops), at)
        rows = _people("lfw", self.lfw, known, self.root / "lfw" / "pairs.txt")
        rows |= _groups(groups)
        rows["lfw east-asian genuine"] = self._genuine(known, at[AT])
        rows |= _people("photos", self.photos, embed(self.photos.crops), None)
        for name, faces in self.kin.items():
            rows[f"kin {name}"] = measure_kin(faces, embed)["kin_auc"]
        rows |= _people("dev", self.dev, embed(self.dev.crops), self.root / "dev" / "pairs.txt")
        return rows

    def _genuine(self, vectors: Vectors, threshold: float) -> float:
        """Share of the genuine pairs of East Asian people that pass, with the same weight for each person."""
        named = set((self.root / "lfw" / "east-asian.txt").read_text(encoding="utf-8").split())
        people = np.array(self.lfw.people)
        shares = []
        for person in sorted(named & set(self.lfw.people)):
            own = vectors[people == person]
            if len(own) > 1:
                shares.append((own @ own.T)[np.triu_indices(len(own), 1)] >= threshold)
        return round(float(np.mean([share.mean() for share in shares])), 4)


def mean_ranks(networks: dict[str, dict[str, float]]) -> dict[str, float]:
    """Mean rank of each network over :data:`CHOSEN_BY`, 1 for the best; equal networks share a rank.

    Args:
        networks: rows of each network, by its name.
    """
    names = list(networks)
    ranks = np.zeros(len(names))
    for row in CHOSEN_BY:
        values = np.array([networks[name][row] for name in names])
        better = values if row.startswith(_LESS_IS_BETTER) else -values
        ranks += [((better < own).sum() + ((better == own).sum() + 1) / 2) for own in better]
    return dict(zip(names, (ranks / len(CHOSEN_BY)).round(2).tolist(), strict=True))


def table(networks: dict[str, dict[str, float]]) -> str:
    """Write a table of rows and networks in Markdown."""
    lines = ["| | " + " | ".join(networks) + " |", "|---" * (len(networks) + 1) + "|"]
    for row in dict.fromkeys(row for rows in networks.values() for row in rows):
        lines.append(f"| {row} | " + " | ".join(_spelled(row, rows.get(row)) for rows in networks.values()) + " |")
    return "\n".join(lines)


def _spelled(row: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2%}" if row.startswith(_LESS_IS_BETTER) else f"{value:.4f}"


def _people(name: str, faces: CropSet, vectors: Vectors, pairs: Path | None) -> dict[str, float]:
    figures: dict[str, Any] = evaluate(faces, vectors, pairs).figures
    kept = {key: label for key, label in _PEOPLE.items() if pairs or ("far" not in key and key != "accuracy")}
    rows = {f"{name} {label}": figures[key] for key, label in kept.items()}
    return rows | ({f"{name} families": round(figures["kin"]["auc"], 4)} if figures["kin"] else {})


def _groups(groups: list[Group]) -> dict[str, float]:
    at = f"{AT:g}"
    adults = worst_adults(groups)
    assert adults is not None
    rows = {"groups worst adults": adults[at]}
    for kind in ("children", "babies"):
        rows[f"groups {kind}"] = max(group.passing[at] for group in groups if group.name.startswith(kind))
    return rows | {f"groups {group.name}": group.passing[at] for group in sorted(groups, key=lambda one: one.name)}
