"""Fit the crossings of a grid to its rules: from an outline to a mesh that follows perspective and curved paper."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.layout.grid.rules import Rules

CELL = 20
"""Pixels of a cell in the level map in which rules are followed."""
FITS = ((1, 0.4), (1, 0.4), (1, 0.3), (2, 0.3), (3, 0.25), (3, 0.2))
"""For each fit, the degree of the polynomials by which crossings move, and how far a rule may be, in cells."""
AT = 0.1
"""Cells that a rule may be away from where the mesh has it."""
NEAR = 0.1
"""Cells from the fit at which a piece of a rule has less than half its weight."""
ROUNDS = 3
"""Number of times that the polynomials are fitted, each time with less weight to what is off."""
BETTER = 0.01
"""By how much a moved mesh must fit better."""
STIFFNESS = 0.02
"""Weight of staying where it is, per degree squared, against the mean piece of a rule."""

Nodes = NDArray[np.float64]
"""(rows + 1, columns + 1, 2): x, y of each crossing."""

Corners = NDArray[np.float64]
"""(rows, columns, 2, 2, 2): x, y of the corners of each cell, the upper two first, from the left."""


class Mesh(NamedTuple):
    """Where a grid's crossings are."""

    nodes: Nodes
    clearness: float
    """How much of its rules is there, 0 to 1, less what looks like a rule inside its cells; of the worse direction."""
    fitness: float
    """The same, but the faintest third of the rules counts as much as all: in a mesh of half the cells they are not."""


def fit(rules: Rules, corners: NDArray[np.float64], rows: int, columns: int) -> Mesh:
    """Move the crossings of a grid, from evenly within its outline, to where the rules are.

    Args:
        rules: of the picture.
        corners: (4, 2) of the outline, in pixels of the maps.
        rows: of the grid.
        columns: of the grid.

    Returns:
        The mesh in pixels of the maps.
    """
    return _follow(rules, _spread(corners, rows, columns))


def fit_beside(rules: Rules, mesh: Mesh) -> Mesh:
    """Move a mesh by a cell in any direction, if that fits better: a line beside a grid looks like its border."""
    wide, (rows, columns) = _extended(mesh.nodes), mesh.nodes.shape[:2]
    moves = [wide[down : down + rows, right : right + columns] for down in range(3) for right in range(3)]
    best = max((_measured(rules, nodes) for nodes in moves), key=lambda moved: moved.fitness)
    return _follow(rules, best.nodes) if best.fitness > mesh.fitness + BETTER else mesh


def _follow(rules: Rules, nodes: Nodes) -> Mesh:
    for degree, reach in FITS:
        level, plumb = _profiles(rules, nodes, reach)
        nodes = _moved(nodes, _field(level, reach, degree), _field(plumb, reach, degree, turned=True))
    return _measured(rules, nodes)


def cell_corners(nodes: Nodes) -> Corners:
    """Return the corners of each cell between crossings."""
    upper, lower = ((nodes[rows, :-1], nodes[rows, 1:]) for rows in (slice(None, -1), slice(1, None)))
    corners: Corners = np.stack([np.stack(upper, axis=2), np.stack(lower, axis=2)], axis=2)
    return corners


def _spread(corners: NDArray[np.float64], rows: int, columns: int) -> Nodes:
    outline = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32)
    homography = cv2.getPerspectiveTransform(outline, corners.astype(np.float32))
    y, x = np.mgrid[0 : rows + 1, 0 : columns + 1].astype(np.float64)
    placed = np.stack([x, y, np.ones_like(x)], axis=2) @ homography.T
    nodes: Nodes = placed[:, :, :2] / placed[:, :, 2:]
    return nodes


def _extended(nodes: Nodes) -> Nodes:
    """Add a cell on each side, as the cells beside it go on."""
    for axis in (0, 1):
        first, second = nodes.take([0], axis), nodes.take([1], axis)
        last, before = nodes.take([-1], axis), nodes.take([-2], axis)
        nodes = np.concatenate([2 * first - second, nodes, 2 * last - before], axis)
    return nodes


def _rectified(rules: Rules, nodes: Nodes) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Sample the maps along the mesh: (CELL (rows + 2) + 1, CELL (columns + 2) + 1), a cell added on each side."""
    wide = _extended(nodes)
    rows, columns = wide.shape[0] - 1, wide.shape[1] - 1
    y, x = np.arange(CELL * rows + 1) / CELL, np.arange(CELL * columns + 1) / CELL
    grid = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    places = cv2.remap(wide.astype(np.float32), *grid, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    level, plumb = (cv2.remap(pieces, places, None, cv2.INTER_LINEAR) for pieces in (rules.level, rules.plumb))
    return level, plumb


def _profiles(rules: Rules, nodes: Nodes, reach: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how clear each piece of a rule is, at every place across within reach.

    Returns:
        (rows + 1, columns, places) of horizontal rules, (columns + 1, rows, places) of vertical ones; 0 to 1.
    """
    level, plumb = _rectified(rules, nodes)
    return _across(level, reach), _across(np.ascontiguousarray(plumb.T), reach)


def _across(level: NDArray[np.uint8], reach: float) -> NDArray[np.float32]:
    far = round(reach * CELL)
    columns = level.shape[1] // CELL - 2
    inner = level[:, CELL : CELL * (columns + 1)].reshape(len(level), columns, CELL)[:, :, CELL // 8 : -(CELL // 8)]
    means = np.partition(inner, CELL // 5, axis=2)[:, :, CELL // 5].astype(np.float32) / 255
    rules = np.arange(CELL, len(level) - CELL, CELL)
    profiles: NDArray[np.float32] = means[rules[:, None] + np.arange(-far, far + 1)].transpose(0, 2, 1)
    return profiles


def _field(profiles: NDArray[np.float32], reach: float, degree: int, turned: bool = False) -> NDArray[np.float64]:
    """Fit a polynomial to how far each piece of a rule is from where the mesh has it.

    Returns:
        (rows + 1, columns + 1) moves across the rules, in cells.
    """
    offsets = np.linspace(-reach, reach, profiles.shape[2])
    favoured = profiles * (1 - 0.3 * abs(offsets) / reach).astype(np.float32)
    best = favoured.max(axis=2, keepdims=True)
    peak = np.where(favoured >= 0.8 * best, favoured, 0) + 1e-9
    moves = (peak @ offsets) / peak.sum(axis=2)
    weights = np.maximum(best[:, :, 0] - np.median(profiles, axis=2), 0) ** 2
    lines, pieces = moves.shape
    v, u = np.mgrid[-1 : 1 : lines * 1j, 0:pieces]
    u = (2 * u + 1) / pieces - 1
    terms = [(a, b) for a in range(degree + 1) for b in range(degree + 1) if a + b <= max(degree, 2)]
    basis = np.stack([u**a * v**b for a, b in terms], axis=2).reshape(-1, len(terms))
    stiff = (
        STIFFNESS * np.array([(a + b) ** 2 for a, b in terms]) * max(weights.mean(), 1e-6) * weights.size / len(terms)
    )
    flat, trust = moves.ravel(), weights.ravel()
    for _ in range(ROUNDS):
        normal = basis.T @ (basis * trust[:, None]) + np.diag(stiff + 1e-9)
        chosen = np.linalg.solve(normal, basis.T @ (trust * flat))
        trust = weights.ravel() / (1 + ((flat - basis @ chosen) / NEAR) ** 2) ** 2
    v, u = np.mgrid[-1 : 1 : lines * 1j, -1 : 1 : (pieces + 1) * 1j]
    field: NDArray[np.float64] = np.stack([u**a * v**b for a, b in terms], axis=2) @ chosen
    return field.T if turned else field


def _moved(nodes: Nodes, down: NDArray[np.float64], right: NDArray[np.float64]) -> Nodes:
    along_y, along_x = np.gradient(nodes, axis=0), np.gradient(nodes, axis=1)
    moved: Nodes = nodes + down[:, :, None] * along_y + right[:, :, None] * along_x
    return moved


def _measured(rules: Rules, nodes: Nodes) -> Mesh:
    measures = []
    for profiles in _profiles(rules, nodes, 0.5):
        offsets = np.linspace(-0.5, 0.5, profiles.shape[2])
        there = profiles[:, :, abs(offsets) <= AT].max(axis=2).mean(axis=1)
        between = profiles[:, :, abs(offsets) >= 0.5 - AT].mean()
        faint = np.sort(there)[: -(-len(there) // 3)]
        measures.append((float(there.mean() - between), float((there.mean() + faint.mean()) / 2 - between)))
    clearness, fitness = np.min(measures, axis=0)
    return Mesh(nodes, float(clearness), float(fitness))
