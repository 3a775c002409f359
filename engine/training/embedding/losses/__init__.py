"""Losses over a batch of embeddings, one in each file, all in ``keras.ops``."""

from niteru.engine.training.embedding.losses.contrastive import Contrastive
from niteru.engine.training.embedding.losses.distillation import TeacherDistance
from niteru.engine.training.embedding.losses.margin import ArcFace, Centres, CosFace, centres_of
from niteru.engine.training.embedding.losses.relations import Relations
from niteru.engine.training.embedding.losses.supcon import SupervisedContrastive
from niteru.engine.training.embedding.losses.triplet import BatchHardTriplet

__all__ = [
    "ArcFace",
    "BatchHardTriplet",
    "Centres",
    "Contrastive",
    "CosFace",
    "Relations",
    "SupervisedContrastive",
    "TeacherDistance",
    "centres_of",
]
