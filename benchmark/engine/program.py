"""Straighten a step into one list of tensor operations, so that small networks are not slowed down by Python.

Under `vmap` and autograd every operation passes several dispatchers. Tracing the whole step once (forward, backward,
optimiser, health checks) leaves the bare operations. A few peepholes then remove what the trace shows to be waste:
operations that change nothing, products made the wrong way round, biases added in a pass of their own, and results
written to new memory although their input is not read again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeGuard, TypeVar

import torch
from torch import fx
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._pytree import tree_map

First = TypeVar("First")
Second = TypeVar("Second")
Result = TypeVar("Result")

aten = torch.ops.aten

# Operations that may return their first argument unchanged, and those that accept any strides.
RESHAPES = {aten.view.default, aten._unsafe_view.default, aten.expand.default, aten.alias.default, aten.detach.default}
COPIES = {aten.clone.default, aten._to_copy.default}
THIN = 16  # columns
ANY_STRIDES = {aten.bmm.default, aten.add.Tensor, aten.mul.Tensor, aten.baddbmm.default, aten.sum.dim_IntList}


def straighten(step: Callable[[First, Second], Result], first: First, second: Second) -> Callable[..., Result]:
    """Trace a pure function of two tensor trees; every later call must have the same shapes as this example.

    A step that cannot be traced, such as one whose loss calls autograd, is returned unchanged. The example is cloned,
    because tracing distinguishes inputs by identity, and one tensor in two places would become one input.
    """
    example = tree_map(torch.clone, (first, second))
    try:
        graph_module = make_fx(lambda a, b: step(a, b))(*example)  # a bound method's `self` confuses the tracer
    except Exception:
        return step
    graph = graph_module.graph
    drop_what_changes_nothing(graph)
    turn_copied_products(graph)
    turn_thin_products(graph)
    add_bias_inside_products(graph)
    write_activations_in_place(graph)
    graph.eliminate_dead_code()
    graph_module.recompile()
    return graph_module


def compile_step(step: Callable[..., Result]) -> Callable[..., Result]:
    """Hand a step to torch's compiler; on a GPU also record it as a CUDA graph, for steps bound by their launches.

    It takes seconds to minutes, needs a C++ compiler on a CPU, and may move last bits: off unless asked for.
    """
    compiled: Callable[..., Result] = torch.compile(step, mode="reduce-overhead", dynamic=False)
    return compiled


def value_of(node: Any) -> torch.Tensor | None:
    """Return the tensor that a node stood for in the trace: its shape, type and strides."""
    value = node.meta.get("val") if isinstance(node, fx.Node) else None
    return value if isinstance(value, torch.Tensor) else None


def drop_what_changes_nothing(graph: fx.Graph) -> None:
    """Remove reshapes to the same shape, products with one, and copies that only make strides regular.

    The graph is functional, so two names for one tensor do no harm; a copy is kept if a reader needs its strides.
    """
    for node in list(graph.nodes):
        if node.op != "call_function" or not node.args:
            continue
        source = node.args[0]
        before, after = value_of(source), value_of(node)
        if before is None or after is None or before.shape != after.shape or before.dtype != after.dtype:
            continue
        same = node.target in RESHAPES
        same |= node.target in COPIES and all(user.target in ANY_STRIDES for user in node.users)
        same |= node.target is aten.mul.Scalar and node.args[1] == 1
        if same:
            node.replace_all_uses_with(source)
            graph.erase_node(node)


def turned(graph: fx.Graph, product: fx.Node) -> fx.Node:
    """Compute the transpose of A @ B as Bᵀ @ Aᵀ."""
    left, right = product.args
    sides = [graph.call_function(aten.transpose.int, (side, 1, 2)) for side in (right, left)]
    for side, source in zip(sides, (right, left), strict=True):
        value = value_of(source)
        side.meta = {} if value is None else {"val": value.transpose(1, 2)}
    return graph.call_function(aten.bmm.default, tuple(sides))


def turn_copied_products(graph: fx.Graph) -> None:
    """Compute a product the other way round where only a regular copy of its transpose is read: weights' gradients."""
    for node in list(graph.nodes):
        if node.target is not aten.clone.default or value_of(node) is None:
            continue
        transpose = node.args[0]
        product = transpose.args[0] if transpose.target is aten.transpose.int else None
        if is_sole_product(product) and transpose.args[1:] == (1, 2) and len(transpose.users) == 1:
            with graph.inserting_before(node):
                result = turned(graph, product)
            result.meta = node.meta
            node.replace_all_uses_with(result)
            for gone in (node, transpose, product):
                graph.erase_node(gone)


def turn_thin_products(graph: fx.Graph) -> None:
    """Compute A @ B as (Bᵀ @ Aᵀ)ᵀ where B has few columns, and as a plain product where A has one.

    Score layers and plane data make such products. A CPU's batched kernels run them at a tenth of the speed of their
    transposes: [512, 128]ᵀ @ [512, 1] took 0.77 ms for ten members, its transpose 0.08 ms.
    """
    for node in list(graph.nodes):
        if node.target is not aten.bmm.default:
            continue
        a, b = (value_of(side) for side in node.args)
        if a is None or b is None or a.device.type != "cpu":
            continue
        rows, inner, columns = a.shape[1], a.shape[2], b.shape[2]
        if inner == 1:
            node.target = aten.mul.Tensor
        elif columns < min(THIN, rows):
            regular = not all(user.target in ANY_STRIDES for user in node.users)
            with graph.inserting_before(node):
                result = graph.call_function(aten.transpose.int, (turned(graph, node), 1, 2))
                if regular:  # thin, so the copy is cheap
                    form: dict[str, Any] = {"memory_format": torch.contiguous_format}
                    result = graph.call_function(aten.clone.default, (result,), form)
            result.meta = node.meta
            node.replace_all_uses_with(result)
            graph.erase_node(node)


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


def is_sole_product(node: Any) -> TypeGuard[fx.Node]:
    """Return whether a value is a batched product that only one operation reads."""
    return isinstance(node, fx.Node) and node.target is aten.bmm.default and len(node.users) == 1


def broadcasts(bias: Any, product: fx.Node) -> bool:
    """Return whether a value can start a product's sum: a tensor of the same rank and type, smaller."""
    small, large = value_of(bias), value_of(product)
    if small is None or large is None or small.dim() != large.dim() or small.dtype != large.dtype:
        return False
    return small.shape != large.shape and all(a in (1, b) for a, b in zip(small.shape, large.shape, strict=True))


def write_activations_in_place(graph: fx.Graph) -> None:
    """Let a ReLU and its derivative overwrite the product that they alone read; backward needs a ReLU's output only."""
    for node in graph.nodes:
        if node.op != "call_function" or not node.args or not isinstance(node.args[0], fx.Node):
            continue
        source = node.args[0]
        sole = source.target in (aten.baddbmm.default, aten.bmm.default) and len(source.users) == 1
        if sole and node.target is aten.relu.default:
            node.target = aten.relu_.default
        elif sole and node.target is aten.threshold_backward.default:
            node.target = aten.threshold_backward.grad_input
            node.kwargs = {"grad_input": source}
