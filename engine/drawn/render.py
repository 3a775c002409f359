"""Rendering of grid meshes: dense points are splatted by depth, then every pixel is shaded."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine.drawn.depth import EMPTY, cast_shadow, fill_missed, openness
from niteru.engine.drawn.mesh import Array, normals
from niteru.engine.drawn.shading import Light, shade_hair, shade_matter

_SPACING = 0.8
"""Distance of splatted points in pixels; below one, so that no gaps open."""
_MAX_POINTS = 8_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A grid mesh to render.

    Attributes:
        points: float32 (n, m, 3), camera frame, centimetres.
        albedo: float32 (rows, columns, 3), linear RGB.
        uv: float32 (n, m, 2) column and row in `albedo`; None when it spans the grid.
        gloss: float32 (rows, columns) like `albedo`, or one value.
        keep: float32 (rows, columns) over the grid, present above one half; None for all.
        flow: float32 (n, m, 2), how far strands of hair run along rows and columns; None for rows.
        kind: "skin", "hair" or "matter".
        two_sided: whether the back shows.
    """

    points: Array
    albedo: Array
    uv: Array | None = None
    gloss: Array | float = 0.05
    keep: Array | None = None
    flow: Array | None = None
    kind: str = "matter"
    two_sided: bool = False


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera on the z axis.

    Attributes:
        scale: pixels per centimetre at z = 0.
        x: column of the axis.
        y: row of the axis.
        distance: centimetres from z = 0.
    """

    scale: float
    x: float
    y: float
    distance: float

    def project(self, points: Array) -> Array:
        """Turn centimetres, float32 (..., 3), into column, row (pixels) and z."""
        zoom = self.scale * self.distance / (self.distance - points[..., 2])
        x, y = self.x + points[..., 0] * zoom, self.y + points[..., 1] * zoom
        return np.stack([x, y, points[..., 2]], axis=-1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Splat:
    first: int
    rows: int
    columns: int
    pixel: NDArray[np.int64]
    index: NDArray[np.int64]
    depth: Array


def _dense_size(screen: Array, keep_front: NDArray[np.bool_]) -> tuple[int, int]:
    across = np.hypot(*np.moveaxis(np.diff(screen[..., :2], axis=1), 2, 0))[keep_front[:, 1:]]
    down = np.hypot(*np.moveaxis(np.diff(screen[..., :2], axis=0), 2, 0))[keep_front[1:]]
    step_x = float(np.percentile(across, 94)) if across.size else 1.0
    step_y = float(np.percentile(down, 94)) if down.size else 1.0
    columns = int(np.clip(screen.shape[1] * step_x / _SPACING, 8, 6000))
    rows = int(np.clip(screen.shape[0] * step_y / _SPACING, 8, 6000))
    excess = max(1.0, (rows * columns / _MAX_POINTS) ** 0.5)
    return int(rows / excess), int(columns / excess)


def _splat(part: Part, facing: Array, camera: Camera, shape: tuple[int, int], first: int) -> _Splat:
    screen = camera.project(part.points)
    inside = (
        (screen[..., 0] > -9)
        & (screen[..., 0] < shape[1] + 9)
        & (screen[..., 1] > -9)
        & (screen[..., 1] < shape[0] + 9)
    )
    front = np.ones(facing.shape, bool) if part.two_sided else facing > -0.15
    rows, columns = _dense_size(screen, inside & front)
    dense = cv2.resize(screen, (columns, rows), interpolation=cv2.INTER_LINEAR)
    column, row = np.floor(dense[..., 0]).astype(np.int32), np.floor(dense[..., 1]).astype(np.int32)
    show = (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
    if not part.two_sided:
        show &= cv2.resize(facing, (columns, rows)) > -0.02
    if part.keep is not None:
        show &= cv2.resize(part.keep, (columns, rows)) > 0.5
    index = np.flatnonzero(show)
    pixel = (row * np.int32(shape[1]) + column).ravel()[index].astype(np.int64)
    return _Splat(first, rows, columns, pixel, index, np.asarray(dense[..., 2].ravel()[index], np.float32))


def _sample(image: Array, x: Array, y: Array) -> Array:
    """Read an image at scattered positions, float32 (k,) each; returns (k,) or (k, channels)."""
    count, width = len(x), 512
    rows = -(-count // width)
    maps = np.zeros((2, rows * width), np.float32)
    maps[0, :count], maps[1, :count] = x, y
    grid = maps.reshape(2, rows, width)
    read = cv2.remap(image, grid[0], grid[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read.reshape(rows * width, *image.shape[2:])[:count], np.float32)


def _shade_part(
    part: Part, normal_grid: Array, splat: _Splat, ids: Array, lit: Array, open_: Array, light: Light
) -> Array:
    row, column = np.divmod(ids, splat.columns)
    n, m = part.points.shape[:2]
    y = ((row + 0.5) * (n / splat.rows) - 0.5).astype(np.float32)
    x = ((column + 0.5) * (m / splat.columns) - 0.5).astype(np.float32)
    normal = _sample(normal_grid, x, y)
    if part.two_sided:
        back = normal[:, 2] < 0
        normal = np.where(back[:, None], -normal, normal)
        open_ = np.where(back, open_ * 0.45, open_)
        lit = np.where(back, lit * 0.25, lit)
    if part.uv is None:
        rows, columns = part.albedo.shape[:2]
        u, v = (x + 0.5) * (columns / m) - 0.5, (y + 0.5) * (rows / n) - 0.5
    else:
        u, v = _sample(part.uv, x, y).T
    albedo = _sample(part.albedo, u, v)
    if part.kind == "hair":
        tangent = np.gradient(part.points, axis=0)
        if part.flow is not None:
            tangent = tangent * part.flow[..., :1] + np.gradient(part.points, axis=1) * part.flow[..., 1:]
        tangent /= np.linalg.norm(tangent, axis=2, keepdims=True) + 1e-6
        return shade_hair(_sample(tangent.astype(np.float32), x, y), normal, albedo, lit, open_, light)
    gloss = part.gloss if isinstance(part.gloss, float) else _sample(part.gloss, u, v)
    return shade_matter(part.kind == "skin", normal, albedo, gloss, lit, open_, light)


def render(parts: list[Part], camera: Camera, shape: tuple[int, int], light: Light) -> tuple[Array, Array]:
    """Render meshes as one picture.

    Args:
        parts: the meshes.
        camera: the camera, in the pixels of `shape`.
        shape: rows and columns.
        light: the light.

    Returns:
        Linear RGB float32 (*shape, 3), premultiplied, and coverage float32 `shape`.
    """
    splats: list[_Splat] = []
    grids = [normals(part.points) for part in parts]
    first = 0
    for part, grid in zip(parts, grids, strict=True):
        splats.append(_splat(part, np.ascontiguousarray(grid[..., 2]), camera, shape, first))
        first += splats[-1].rows * splats[-1].columns
    pixel = np.concatenate([s.pixel for s in splats])
    index = np.concatenate([s.index + s.first for s in splats]).astype(np.int32)
    depth = np.concatenate([s.depth for s in splats])
    near = np.full(shape[0] * shape[1], EMPTY, np.float32)
    np.maximum.at(near, pixel, depth)
    nearest = depth >= near[pixel]
    ids = np.full(shape[0] * shape[1], -1, np.int32)
    ids[pixel[nearest]] = index[nearest]
    depth_image = near.reshape(shape)
    fill_missed(ids.reshape(shape), depth_image)
    lit = cast_shadow(depth_image, camera.scale, light).ravel()
    open_ = openness(depth_image, camera.scale).ravel()
    image = np.zeros((shape[0] * shape[1], 3), np.float32)
    solid = np.flatnonzero(ids >= 0)
    owner = np.searchsorted([s.first for s in splats], ids[solid], side="right") - 1
    for k, (part, grid, splat) in enumerate(zip(parts, grids, splats, strict=True)):
        at = solid[owner == k]
        if len(at):
            image[at] = _shade_part(part, grid, splat, ids[at] - splat.first, lit[at], open_[at], light)
    return image.reshape(*shape, 3), (ids >= 0).reshape(shape).astype(np.float32)
