"""Grey images of triangles, and the distance of any image to the nearest of them (Lucic et al., 2018).

Lucic et al. (2018, arXiv:1711.10337) train GANs on images whose manifold is known, convex polygons, so that precision
and recall can be computed. They released what draws them (compare_gan, `colabs/Convex_Polygons_Dataset.ipynb`), and
its triangles are drawn here with its constants: 28x28 pixels, black on white, three corners on a circle of radius
0.75 · 14 pixels, one in each third of it, the centre of the corners in the middle of the image:

angle_i = 120° i + 10° + 110° u_i - t · (2π)°     u, t ~ U[0, 1)

Two slips of theirs are kept, for they are the data: the angle between two corners is at least 10°, not the 20° that
is asked for, and the turn is at most 6.28°, 2π taken for degrees. A pixel is the share of its area that is white.
Theirs counts 8x8 points in it, so that an image jumps as an edge passes a row of points; here the area is exact, and an
image is a smooth function of the corners. That is ours, and so is the search for the nearest triangle.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

SIDE, CORNERS = 28, 3
RADIUS = 0.75 * SIDE / 2  # in pixels
SEGMENT, MARGIN = 360.0 / CORNERS, 20.0 / 2.0  # degrees
TURN = 2.0 * math.pi  # degrees
PARAMETERS = CORNERS + 1  # u and t
KNOWN = 4_096  # triangles among which a search begins; ours, like all below
STARTS = 2  # nearest of them
STEPS = 12  # of Levenberg and Marquardt's method
DAMPING, EASED, RAISED = 1e-2, 0.3, 5.0  # at the start, after a step that helped, and after one that did not
NUDGE = 1e-5  # of a parameter, for the slopes
LEVEL, UPRIGHT = 1e-12, 1e-6  # pixels; an edge within them is taken for level, and is moved so far along a row
BLOCK = 128  # images at a time
SEED = 2018


def corners(parameters: Tensor) -> Tensor:
    """Return corners [N, 3, 2], rows and columns in pixels, of parameters [N, 4] in [0, 1]: u_1, u_2, u_3 and t."""
    u, t = parameters[:, :CORNERS], parameters[:, CORNERS:]
    first = SEGMENT * torch.arange(CORNERS, dtype=u.dtype, device=u.device) + MARGIN
    angles = torch.deg2rad(first + (SEGMENT - MARGIN) * u - TURN * t)
    points = RADIUS * torch.stack([angles.cos(), angles.sin()], 2)
    return points - points.mean(1, keepdim=True) + SIDE / 2


def white(points: Tensor) -> Tensor:
    """Return images [N, 28, 28] of polygons with corners [N, K, 2]: the share of each pixel outside of it.

    Each edge adds, row by row, the area to its left in each pixel, with the sign of its direction:
    ∫ clamp(x(y) - c, 0, 1) dy = Q(c) - Q(c + 1),  Q(c) = ∫ max(x(y) - c, 0) dy,  for the pixel of column c
    """
    start, end = points, points.roll(-1, 1)
    ticks = torch.arange(SIDE + 1, dtype=points.dtype, device=points.device)
    y0, y1 = (side[..., :1] for side in (start, end))
    slope = (end[..., 1:] - start[..., 1:]) / torch.where((y1 - y0).abs() < LEVEL, torch.inf, y1 - y0)
    row = ticks[:-1]
    top, bottom = (torch.minimum(torch.maximum(y, row), row + 1.0) for y in (y0, y1))  # [N, K, rows], of the edge
    left, right = (start[..., 1:] + slope * (y - y0) for y in (top, bottom))
    right = torch.where((right - left).abs() < UPRIGHT, left + UPRIGHT, right)
    weight = (bottom - top) / (2.0 * (right - left))
    squares = [(x[..., None] - ticks).clamp_(min=0.0).square_() for x in (left, right)]
    areas = squares[1].sub_(squares[0]).mul_(weight[..., None]).sum(1)
    return (1.0 - (areas[..., :-1] - areas[..., 1:]).abs_()).clamp_(0.0, 1.0)


def triangles(parameters: Tensor) -> Tensor:
    """Return images [N, 1, 28, 28] of parameters [N, 4] in [0, 1]."""
    return torch.cat([white(corners(part)) for part in parameters.split(BLOCK)])[:, None]


def parameters(count: int, generator: torch.Generator) -> Tensor:
    """Draw parameters [count, 4]."""
    return torch.rand(count, PARAMETERS, generator=generator, dtype=torch.float64, device=generator.device)


def slopes(at: Tensor, images: Tensor) -> Tensor:
    """Return the derivatives [N, 784, 4] of images at parameters [N, 4], by differences inside of [0, 1]."""
    columns = []
    for index in range(PARAMETERS):
        moved = at.clone()
        moved[:, index] += torch.where(at[:, index] > 0.5, -NUDGE, NUDGE)
        nudge = (moved - at)[:, index, None]
        columns.append((white(corners(moved)).flatten(1) - images) / nudge)
    return torch.stack(columns, 2)


def nearest(images: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
    """Search from parameters [N, 4] for the triangles nearest to images [N, 784]: parameters, squared distances [N]."""
    at, damping = start, torch.full_like(images[:, :1], DAMPING)
    drawn = white(corners(at)).flatten(1)
    best = (drawn - images).square().sum(1)
    for _ in range(STEPS):
        slope = slopes(at, drawn)
        square = slope.mT @ slope
        scale = torch.diag_embed(square.diagonal(dim1=1, dim2=2) + 1e-9)
        uphill = slope.mT @ (drawn - images)[..., None]
        move = torch.linalg.solve(square + damping[..., None] * scale, uphill)[..., 0]
        tried = (at - move).clamp(0.0, 1.0)
        tried_drawn = white(corners(tried)).flatten(1)
        distance = (tried_drawn - images).square().sum(1)
        better = distance < best
        best = torch.where(better, distance, best)
        at, drawn = (torch.where(better[:, None], new, old) for new, old in ((tried, at), (tried_drawn, drawn)))
        damping = damping * torch.where(better, EASED, RAISED)[:, None]
    return at, best


def squared_distance(images: Tensor) -> Tensor:
    """Return the squared Euclidean distances [N] of images [N, 784 values] in [0, 1] to the nearest triangle.

    min over u, t in [0, 1] of ‖x - image(u, t)‖²

    The minimum has no closed form. Lucic et al. (from memory) descend from several random triangles and keep the best;
    here the search begins at the nearest two of 4,096 triangles and takes the steps of Levenberg and Marquardt. What
    is found is the distance of a triangle, so it is never below the minimum.
    """
    known = parameters(KNOWN, torch.Generator().manual_seed(SEED)).to(images.device)
    drawn = triangles(known).flatten(1)
    found = []
    for part in images.double().flatten(1).split(BLOCK):
        starts = torch.cdist(part, drawn).topk(STARTS, 1, largest=False).indices
        tries = [nearest(part, known[starts[:, which]])[1] for which in range(STARTS)]
        found.append(torch.stack(tries).amin(0))
    return torch.cat(found)
