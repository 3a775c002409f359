"""``CARD.md``, which describes a face detector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from niteru.engine.faces.detector import DetectorInfo
from niteru.engine.training.detector.recipe import DetectorRecipe

_CARD = """# {name}

A network of {parameters:,} parameters that finds faces in a picture, each with a score, a box and five landmarks (eyes,
nose, corners of the mouth). It does not know whose faces they are.

## Training data and terms

{data}

Terms: {licence}.

## Recipe

{stages}

Batches of {batch} scenes of {side}×{side} pixels, AdamW, warm-up and cosine decay in each stage, seed {seed}. A scene
is one to nine pictures: photographs with faces of 14 pixels to more than the whole scene, turned by up to ±55°,
mirrored, in other light, blurred, noisy, badly compressed, partly hidden; crops and drawn people; faces pasted into
patterns and backgrounds; patterns, animals, hands and backgrounds without a face; or four views as the second pass sees
them: faces turned upright, and earlier mistakes. The exported network agrees with the trained one to {difference:.3f}
in all its outputs.

## Figures

On {photos} photos that it was not trained on, against the teacher's boxes of score 0.95 and 24 pixels or more:

| faces | recall (IoU ≥ 0.4) | boxes the teacher lacks | landmark error, frontal | landmark error, all |
|---|---|---|---|---|
| {reference_faces} | {recall} | {boxes_the_reference_lacks} | {landmark_error_frontal} | {landmark_error} |

Landmark errors are mean distances in eye distances. The teacher is not the truth: it misses faces, too, and its
landmarks jump by a few per cent of an eye distance when a picture is shifted by one pixel.

## Limits

Made for photographs of people from the front to half profile. It misses more of the faces that are smaller than some
20 pixels, in full profile, behind masks, upside down among upright ones, or drawn in styles far from photographs.
"""


def write_card(
    folder: Path,
    info: DetectorInfo,
    recipe: DetectorRecipe,
    parameters: int,
    figures: dict[str, Any],
    difference: float,
) -> None:
    """Write the card of a trained detector."""
    text = _CARD.format(
        name=info.name,
        parameters=parameters,
        data="\n".join(f"- {line}" for line in info.training_data),
        licence=info.licence,
        stages=_stages(recipe),
        batch=recipe.batch,
        side=recipe.side,
        seed=recipe.seed,
        difference=difference,
        **figures,
    )
    (folder / "CARD.md").write_text(text, encoding="utf-8")


def _stages(recipe: DetectorRecipe) -> str:
    lines = []
    for number, stage in enumerate(recipe.stages, start=1):
        passes = f"{stage.second_looks:.0%} of the scenes for the second pass"
        mistakes = f" ({stage.decoys:.0%} of those with earlier mistakes)" if stage.decoys else ""
        lines.append(
            f"{number}. {stage.name}: {stage.steps} batches, learning rate {stage.peak_rate}, {passes}{mistakes}"
        )
    return "\n".join(lines)
