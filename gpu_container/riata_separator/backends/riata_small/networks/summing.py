"""Shares of classes to shares of groups of classes."""

import torch


def summed(shares: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
    """Shares (C, B, T, P) summed over the classes of groups, (G, C) or of each window (B, G, C): (G, B, T, P), in float32."""
    with torch.autocast(shares.device.type, enabled=False):
        if groups.dim() == 2:
            return (groups @ shares.flatten(1)).view(len(groups), *shares.shape[1:])
        of_each = groups @ shares.transpose(0, 1).flatten(2)
        return of_each.view(*groups.shape[:2], *shares.shape[2:]).transpose(0, 1)
