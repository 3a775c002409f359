"""Losses over a batch of embeddings, one idea a file, all in ``keras.ops``."""

from engine.training.embedding.losses.contrastive import Contrastive
from engine.training.embedding.losses.distillation import TeacherDistance
from engine.training.embedding.losses.margin import ArcFace, Centres, CosFace, centres_of
from engine.training.embedding.losses.relations import Relations
from engine.training.embedding.losses.supcon import SupervisedContrastive
from engine.training.embedding.losses.triplet import BatchHardTriplet

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
