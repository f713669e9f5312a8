"""Straighten a step into one list of tensor operations, so that small networks are not bound by Python.

Under `vmap` and autograd every operation passes several dispatchers. Tracing the whole step once (forward, backward,
optimiser, health checks) leaves the bare operations, which are then run in the same order on the same kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import fx
from torch.fx.experimental.proxy_tensor import make_fx

First = TypeVar("First")
Second = TypeVar("Second")
Result = TypeVar("Result")

aten = torch.ops.aten


def straighten(step: Callable[[First, Second], Result], first: First, second: Second) -> Callable[..., Result]:
    """Trace a pure function of two tensor trees; every later call must have the same shapes as this example."""
    graph_module = make_fx(lambda a, b: step(a, b))(first, second)  # a bound method's `self` confuses the tracer
    add_bias_inside_products(graph_module.graph)
    graph_module.graph.eliminate_dead_code()
    graph_module.recompile()
    return graph_module


def add_bias_inside_products(graph: fx.Graph) -> None:
    """Turn bias + x @ W into one batched product that starts from the bias, saving a pass over the activations."""
    for node in list(graph.nodes):
        if node.target is not aten.add.Tensor or len(node.args) != 2 or node.kwargs:
            continue
        for product, bias in (node.args, node.args[::-1]):
            if is_sole_product(product) and broadcasts(bias, product):
                with graph.inserting_before(node):
                    fused = graph.call_function(aten.baddbmm.default, (bias, *product.args))
                fused.meta = node.meta
                node.replace_all_uses_with(fused)
                graph.erase_node(node)
                graph.erase_node(product)
                break


def is_sole_product(node: Any) -> bool:
    """Tell whether a value is a batched product that only one operation reads."""
    return isinstance(node, fx.Node) and node.target is aten.bmm.default and len(node.users) == 1


def broadcasts(bias: Any, product: fx.Node) -> bool:
    """Tell whether a value can start a product's sum: a tensor of the same rank and type, no larger."""
    if not isinstance(bias, fx.Node):
        return False
    small, large = bias.meta.get("val"), product.meta.get("val")
    if not isinstance(small, torch.Tensor) or not isinstance(large, torch.Tensor):
        return False
    fits = all(a in (1, b) for a, b in zip(small.shape, large.shape, strict=False))
    return small.dim() == large.dim() and small.dtype == large.dtype and fits and small.shape != large.shape
