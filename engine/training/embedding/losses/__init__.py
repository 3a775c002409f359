"""Losses over a batch of embeddings, one idea a file, all in ``keras.ops``."""

from engine.training.losses.contrastive import Contrastive
from engine.training.losses.distillation import TeacherDistance
from engine.training.losses.supcon import SupervisedContrastive

__all__ = ["Contrastive", "SupervisedContrastive", "TeacherDistance"]
