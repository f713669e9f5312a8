"""The vision transformer of DINOv2 (Oquab et al., 2023, arXiv:2304.07193), in the names of its published weights.

Blocks of attention and a perceptron with pre-normalisation and a learned scale of each branch; the feature is the class
token after the last normalisation. Published weights know 37x37 places (518 pixels); for the 16x16 of 224 pixels the
embeddings of places are resized bicubically by the factor (16 + 0.1)/37, as the authors' code does.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, scaled_dot_product_attention

PATCH, PLACES, OFFSET, EPSILON = 14, 37, 0.1, 1e-6  # the authors'


class Attention(nn.Module):
    """Self-attention of several heads on [B, T, d]."""

    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x: Tensor) -> Tensor:
        """Attend: map tokens [B, T, d] to tokens [B, T, d]."""
        query, key, value = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        found = scaled_dot_product_attention(query, key, value)
        projected: Tensor = self.proj(found.transpose(1, 2).flatten(2))
        return projected


class Perceptron(nn.Module):
    """A perceptron of two layers, the hidden one four times as wide."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d)

    def forward(self, x: Tensor) -> Tensor:
        """Map each token of [B, T, d] separately."""
        mapped: Tensor = self.fc2(self.act(self.fc1(x)))
        return mapped


class Scale(nn.Module):
    """One learned factor for each feature."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(d))

    def forward(self, x: Tensor) -> Tensor:
        """Multiply."""
        return x * self.gamma


class Block(nn.Module):
    """Attention, then a perceptron, both residual."""

    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attn, self.ls1 = nn.LayerNorm(d, EPSILON), Attention(d, heads), Scale(d)
        self.norm2, self.mlp, self.ls2 = nn.LayerNorm(d, EPSILON), Perceptron(d), Scale(d)

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens [B, T, d] to tokens."""
        x = x + self.ls1(self.attn(self.norm1(x)))
        mapped: Tensor = x + self.ls2(self.mlp(self.norm2(x)))
        return mapped


class Patches(nn.Module):
    """Each 14x14 patch by one linear map."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, d, PATCH, PATCH)

    def forward(self, x: Tensor) -> Tensor:
        """Map images [B, 3, H, W] to patches [B, d, H/14, W/14]."""
        patches: Tensor = self.proj(x)
        return patches


class VisionTransformer(nn.Module):
    """Normalised images [B, 3, 224, 224] to class tokens [B, d]."""

    def __init__(self, d: int, depth: int, heads: int) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, d))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + PLACES**2, d))
        self.mask_token = nn.Parameter(torch.zeros(1, d))  # of the training; the weights hold it
        self.patch_embed = Patches(d)
        self.blocks = nn.ModuleList(Block(d, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(d, EPSILON)

    def places(self, side: int) -> Tensor:
        """Return the embeddings [1, 1 + side², d] of the class token's place and of side x side patches."""
        if side == PLACES:
            return self.pos_embed
        grid = self.pos_embed[:, 1:].unflatten(1, (PLACES, PLACES)).permute(0, 3, 1, 2)
        factor = (side + OFFSET) / PLACES
        resized = interpolate(grid, scale_factor=(factor, factor), mode="bicubic").flatten(2).transpose(1, 2)
        return torch.cat([self.pos_embed[:, :1], resized], 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the class tokens [B, d] of normalised images [B, 3, 224, 224]."""
        patches = self.patch_embed(x)
        tokens = torch.cat([self.cls_token.expand(len(x), -1, -1), patches.flatten(2).transpose(1, 2)], 1)
        tokens = tokens + self.places(patches.shape[-1])
        for block in self.blocks:
            tokens = block(tokens)
        found: Tensor = self.norm(tokens)[:, 0]
        return found
