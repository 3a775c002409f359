"""Losses on embeddings at known angles, against values worked out by hand."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from niteru.engine.training.embedding.losses import (
    ArcFace,
    BatchHardTriplet,
    Centres,
    Contrastive,
    CosFace,
    Relations,
    SupervisedContrastive,
    TeacherDistance,
)


def at(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def value(loss, truth, vectors) -> float:
    return float(loss(np.asarray(truth), vectors))


def test_contrastive_pulls_genuine_pairs() -> None:
    # 60° apart: d² = 1. Both impostor pairs are further than the margin.
    assert value(Contrastive(margin=1.0), [0, 0, 1], at(0, 60, 180)) == pytest.approx(1.0, abs=1e-3)


def test_contrastive_pushes_only_impostors_within_the_margin() -> None:
    # Impostors at 30°: d = 2 sin 15° = 0.5176, (1 - d)² = 0.2327, both pairs alike.
    assert value(Contrastive(margin=1.0), [0, 0, 1], at(0, 60, 30)) == pytest.approx(1.2327, abs=1e-3)
    # A third impostor at 180° is solved: it must not water the mean down.
    assert value(Contrastive(margin=1.0), [0, 0, 1, 2], at(0, 60, 30, 180)) == pytest.approx(1.2327, abs=1e-3)


def test_supcon_by_hand() -> None:
    # Row 0: log(e⁰ + e⁻¹) = 0.3133; row 1: log(e⁰ + e⁰) = 0.6931; row 2 has no positive and counts nothing.
    loss = SupervisedContrastive(temperature=1.0)
    assert value(loss, [0, 0, 1], at(0, 90, 180)) == pytest.approx((0.3133 + 0.6931) / 2, abs=1e-3)


def test_supcon_with_two_positives_takes_their_mean() -> None:
    # All three one person at 0°, 0°, 90°, T = 1. Rows 0 and 1: log(e + 1) - (1 + 0)/2 = 0.8133; row 2: log 2.
    loss = SupervisedContrastive(temperature=1.0)
    assert value(loss, [4, 4, 4], at(0, 0, 90)) == pytest.approx((2 * 0.8133 + 0.6931) / 3, abs=1e-3)


def test_triplet_takes_the_furthest_partner_and_the_nearest_impostor() -> None:
    # Row 0: furthest genuine at 60° (d² = 1), nearest impostor at 90° (d² = 2): satisfied by 1, so 0 at margin 0.4.
    # Row 1: furthest at 60° (1), nearest at 30° (0.2679): 1 - 0.2679 + 0.4. Row 2 has no partner and counts nothing.
    expected = (0.0 + 1 - 0.2679 + 0.4) / 2
    assert value(BatchHardTriplet(margin=0.4), [0, 0, 1], at(0, 60, 90)) == pytest.approx(expected, abs=1e-3)


def test_margin_softmax_by_hand() -> None:
    cosines = np.array([[0.8, 0.5]], np.float32)
    # CosFace: log(1 + e^(2 (0.5 - 0.6))).
    assert value(CosFace(2.0, 0.2), [0], cosines) == pytest.approx(np.log1p(np.exp(2 * (0.5 - 0.6))), abs=1e-4)
    # ArcFace: the angle of 0.8 is 0.6435; cos(0.6435 + 0.5) = 0.4144.
    assert value(ArcFace(2.0, 0.5), [0], cosines) == pytest.approx(np.log1p(np.exp(2 * (0.5 - 0.4144))), abs=1e-3)


def test_an_angle_past_the_turn_is_never_rewarded() -> None:
    angles = np.linspace(-1, 1, 400, dtype=np.float32)
    lowered = np.asarray(ArcFace(margin=0.5).lowered(angles))
    assert (np.diff(lowered) > 0).all()
    assert (lowered < angles).all()


def test_centres_give_cosines_whatever_their_length() -> None:
    centres = Centres(2)
    centres.build((None, 2))
    centres.set_weights([np.array([[5, 0], [0, 0.1]], np.float32)])
    assert np.allclose(np.asarray(centres(at(0, 60))), [[1, 0], [0.5, 0.866]], atol=1e-3)


def test_batches_without_pairs_are_finite() -> None:
    for loss in (Contrastive(), SupervisedContrastive(), BatchHardTriplet()):
        assert value(loss, [0, 1, 2], at(0, 10, 20)) == pytest.approx(value(loss, [5, 6, 7], at(0, 10, 20)))
        assert np.isfinite(value(loss, [0, 0, 0], at(7, 7, 7)))


def test_teacher_distance_skips_rows_without_a_teacher() -> None:
    teacher = np.array([[0, 1], [1, 0], [0, 0]], np.float32)
    # 90° apart: 2; equal: 0; the third has no teacher.
    assert value(TeacherDistance(), teacher, at(0, 0, 0)) == pytest.approx(1.0)
    assert value(TeacherDistance(), np.zeros((2, 2), np.float32), at(0, 1)) == 0.0


def test_relations_compare_cosines_and_not_places() -> None:
    teacher = np.array([[0, 1], [1, 0], [0, 0]], np.float32)
    # The teacher's two faces are at 90°; so are ours, elsewhere. The third has no teacher.
    assert value(Relations(), teacher, at(40, 130, 40)) == pytest.approx(0.0, abs=1e-6)
    # At 60° their cosine is .5 too high.
    assert value(Relations(), teacher, at(0, 60, 0)) == pytest.approx(0.25, abs=1e-5)
    assert value(Relations(), np.zeros((2, 2), np.float32), at(0, 1)) == 0.0


def test_gradients_at_equal_faces_are_finite() -> None:
    if keras.backend.backend() != "tensorflow":
        pytest.skip("taken with TensorFlow's tape")
    import tensorflow as tf

    for loss in (Contrastive(), SupervisedContrastive()):
        vectors = tf.Variable(at(0, 0, 0, 90))
        with tf.GradientTape() as tape:
            total = loss(np.array([0, 0, 1, 1]), vectors)
        assert np.isfinite(tape.gradient(total, vectors).numpy()).all()
