"""A program: one of two processes that share a batch; `python one_of_two.py RANK FILE SPEC` saves FILE.RANK."""

from __future__ import annotations

import sys

import torch
from torch import nn
from torch.distributed import destroy_process_group, init_process_group
from torch.nn.parallel import DistributedDataParallel

from objectives import losses


def step(wrap, spec, rows):
    """Take a critic's step on some rows of a batch, and return its gradients and the loss's state."""
    torch.manual_seed(0)
    critic, real, fake = wrap(nn.Linear(2, 1)), torch.randn(8, 2), torch.randn(8, 2)
    loss = losses(spec, critic=critic)
    loss.critic(real[rows], fake[rows]).backward()
    loss.after_critic_step()
    return torch.cat([each.grad.flatten() for each in critic.parameters()]), dict(loss.state.named_buffers())


if __name__ == "__main__":
    rank, place, spec = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    init_process_group("gloo", init_method=f"file://{place}", rank=rank, world_size=2)
    torch.save(step(DistributedDataParallel, spec, slice(4 * rank, 4 * rank + 4)), f"{place}.{rank}")
    destroy_process_group()
