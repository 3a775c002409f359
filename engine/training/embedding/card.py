"""``CARD.md``, which describes a model: its origin, its figures and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.evaluation.groups import Group
from niteru.engine.training.embedding.gain import Report
from niteru.engine.training.embedding.recipe import EmbeddingStage, Recipe

_COLUMNS = (
    *("faces", "pairs", "accuracy", "auc", "tar_at_far_1e-2", "tar_at_far_1e-3"),
    *("all_pairs_tar_at_fmr_1e-3", "all_pairs_tar_at_fmr_1e-4", "recall_at_1"),
)
_CARD = """# {name}

A network that turns an aligned face (112×112 RGB) into a unit vector of {dimension} numbers; the cosine of two
vectors says how alike two faces are.

## Training data and terms

{data}

Terms: {licence}.

## Recipe

{stages}

Batches of {people} people × {photos} photos, {side}×{side} input from the central {window} of 112 pixels, seed {seed}.
The exported network agrees with the trained one to a cosine of {parity:.6f} or better.

## Figures

On {faces} faces of people who were not trained on:

| set | faces | pairs | accuracy | AUC | TAR at FAR 1e-2 | at 1e-3 | all pairs: TAR at FMR 1e-3 | at 1e-4 | recall@1 |
|---|---|---|---|---|---|---|---|---|---|
{rows}

*All pairs* are those of the set, instead of the listed ones. *recall@1* is the share of photos whose nearest other
photo is of the same person.
{groups}
## Limits

Made to find look-alikes and to keep one's own photos in order. It is not made for establishing anybody's identity, and
not good enough for it; nobody should be refused, accused or watched because of a similarity. People unlike those in
the training data (children, the very old, groups with few members in it) are confused more often.
"""


_GROUPS = """
### Groups whose members it confuses

Every picture of a group shows a different person. The table gives the share of a group's pairs that pass at the
thresholds that let the given share of the pairs of different people above pass, the worst group first.

| group | pairs | {rates} |
|---|---|{lines}
{rows}
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures for a card: of people (:func:`niteru.engine.evaluation.evaluate.evaluate`), and of groups, if any."""

    people: dict[str, Any]
    groups: list[Group]


def write_card(folder: Path, info: ModelInfo, recipe: Recipe, figures: Figures, parity: float) -> None:
    """Write the card of a trained model."""
    stages = "\n".join(f"{i}. {_stage(recipe, stage)}" for i, stage in enumerate(recipe.stages, start=1))
    text = _CARD.format(
        name=info.name,
        dimension=info.dimension,
        data="\n".join(f"- {line}" for line in info.training_data),
        licence=info.licence,
        stages=stages,
        people=recipe.people,
        photos=recipe.photos,
        side=recipe.side,
        window=recipe.window,
        seed=recipe.seed,
        parity=parity,
        faces=figures.people["faces"],
        rows="\n".join(_row(name, part) for name, part in _parts(figures.people).items()),
        groups=_groups(figures.groups),
    )
    (folder / "CARD.md").write_text(text, encoding="utf-8")


def _stage(recipe: Recipe, stage: EmbeddingStage) -> str:
    layers = f"frozen: {', '.join(stage.frozen) or 'nothing'}"
    if not recipe.inherited:
        layers = f"residual blocks {'-'.join(map(str, stage.blocks))}"
    return f"{stage.name}: {stage}, {stage.steps} batches, learning rate {stage.peak_rate}, {layers}"


def _groups(groups: list[Group]) -> str:
    if not groups:
        return ""
    rates = [f"at {float(rate):.0e}".replace("e-0", "e-") for rate in groups[0].passing]
    rows = [
        f"| {group.name} | {group.pairs} | " + " | ".join(f"{share:.2%}" for share in group.passing.values()) + " |"
        for group in groups
    ]
    return _GROUPS.format(rates=" | ".join(rates), lines="---|" * len(rates), rows="\n".join(rows))


def _parts(figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    grey = {"pairs with a grey photo": figures["grey"]} if figures["grey"] else {}
    return {"all": figures, **figures["by_set"], **grey}


def _row(name: str, figures: dict[str, Any]) -> str:
    cells = [name, *(figures.get(key) for key in _COLUMNS)]
    return "| " + " | ".join("–" if cell is None else str(cell) for cell in cells) + " |"


_FITTED = """# {name}

A network fitted to {photos} photos of {people} people by `niteru fit`: its weights are {share:.0%} of the way from
those of the model it started from to those tuned on these photos.

## Training data and terms

{data}

Terms: {licence}.

## Figures

Cross-validated in three folds. *Own photos* gives the share of held-out photos whose nearest other photo shows the same
person, and the probability (AUC) that such a photo is more like one of its own person than like one of somebody else.
*Unseen people* gives the figures of pairs of people who were held out.

| weights moved | own photos | own photos, AUC | unseen people, AUC | unseen people, TAR at FAR 1e-2 |
|---|---|---|---|---|
{rows}

{verdict}

## Limits

Those of the model it started from; beyond that, it knows these people's photos best.
"""


def write_fitted_card(folder: Path, info: ModelInfo, report: Report) -> None:
    """Write the card of a fitted model."""
    rows = (
        f"| {gain.share:.0%} | {gain.recall_at_1:.4f} | {gain.own_auc:.4f} | {gain.auc:.4f} | {gain.tar:.4f} |"
        for gain in report.gains
    )
    text = _FITTED.format(
        name=info.name,
        photos=report.photos,
        people=report.people,
        share=report.chosen,
        data="\n".join(f"- {line}" for line in info.training_data),
        licence=info.licence,
        rows="\n".join(rows),
        verdict="Better than the model it started from on these people."
        if report.better
        else "No better than the model it started from: the weights are that model's.",
    )
    (folder / "CARD.md").write_text(text, encoding="utf-8")
