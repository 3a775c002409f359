"""Losses over a batch of embeddings, one idea a file, all in ``keras.ops``."""

from engine.training.embedding.losses.contrastive import Contrastive
from engine.training.embedding.losses.distillation import TeacherDistance
from engine.training.embedding.losses.supcon import SupervisedContrastive

__all__ = ["Contrastive", "SupervisedContrastive", "TeacherDistance"]
