"""The comparisons that `benchmarks/evaluators.py` times, with what is promised of each."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module

import torch
from torch import Tensor

from evaluators.discrepancy import kernel_distance
from evaluators.frechet import assemble, frechet_distance, trace_of_root
from evaluators.kernel import kernel_distance_subsets
from evaluators.manifold import precision_recall_density_coverage
from evaluators.parzen import BLOCK, parzen_log_density

Work = Callable[[], object]


@dataclass(frozen=True)
class Peer:
    """Who else does the work, and the least ratio of its time to ours that is promised."""

    name: str
    work: Work
    least: float | None = None
    share: float = 1.0  # of the work that it is given, where all of it would take minutes


@dataclass(frozen=True)
class Case:
    """One comparison."""

    name: str
    ours: Work
    peers: tuple[Peer, ...]
    errors: Callable[[], list[str]] = list  # lines on how exact each is, computed after the times


def features(n: int, d: int, seed: int) -> Tensor:
    """Draw ReLU features with a power-law spectrum, as networks give them, in float64."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(d, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    mixing *= (1.0 + torch.arange(d, dtype=torch.float64)) ** -0.5
    noise = torch.randn(n, d, generator=generator, dtype=torch.float64)
    return (noise @ mixing.T + 0.01 * seed).relu_()


def parzen(scale: float) -> Case:
    """10,000 test points, 10,000 centres, 784 pixels, one sigma."""
    from sklearn.neighbors import KernelDensity

    n = round(10_000 * scale)
    generator = torch.Generator().manual_seed(0)
    x, mu = (torch.rand(n, 784, generator=generator, dtype=torch.float64) for _ in range(2))
    buffer = torch.empty(BLOCK, n, dtype=torch.float64)
    few = x[: max(1, n // 50)]
    exact = KernelDensity(bandwidth=0.2, leaf_size=n).fit(mu.numpy())

    def product() -> None:
        transposed = mu.T.contiguous()
        for rows in torch.split(x, BLOCK):
            torch.mm(rows, transposed, out=buffer[: len(rows)])

    def errors() -> list[str]:
        gap = parzen_log_density(few, mu, (0.2,))[0] - torch.from_numpy(exact.score_samples(few.numpy()))
        return [f"largest difference from exact scikit-learn: {float(gap.abs().max()):.1e} nats"]

    return Case(
        f"Parzen {n} x {n} x 784, float64, 1 sigma",
        lambda: parzen_log_density(x, mu, (0.2,)),
        (
            Peer("bare matrix product", product, 1.0 / 1.6),
            Peer("scikit-learn, leaf_size = n", lambda: exact.score_samples(few.numpy()), 15.0, len(few) / n),
        ),
        errors,
    )


def by_qr(x: Tensor, y: Tensor) -> float:
    """Return the Fréchet distance from QR factors of the centred features, which squares no condition number."""
    a, b = (torch.linalg.qr((f - f.mean(0)) / (len(f) - 1) ** 0.5).R for f in (x, y))
    root = float(torch.linalg.svdvals(a @ b.T).sum())
    return assemble(x.mean(0), y.mean(0), float(a.square().sum() + b.square().sum()), root)


def frechet(n: int, d: int, least_fidelity: float, least_scipy: float) -> Case:
    """The Fréchet step from what each needs: statistics, or features where there are fewer than dimensions."""
    from scipy.linalg import sqrtm
    from torch_fidelity.metric_fid import fid_statistics_to_metric

    x, y = features(n, d, 1), features(n, d, 2)
    means, covariances = [f.mean(0) for f in (x, y)], [torch.cov(f.T) for f in (x, y)]
    statistics = [
        {"mu": mean.numpy(), "sigma": covariance.numpy()} for mean, covariance in zip(means, covariances, strict=True)
    ]
    traces = float(covariances[0].trace() + covariances[1].trace())

    def ours() -> float:
        if n < d:
            return frechet_distance(x, y)
        return assemble(means[0], means[1], traces, trace_of_root(covariances[0], covariances[1]))

    def fidelity() -> float:
        found = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
        return float(found)

    def scipy() -> float:
        root = float(sqrtm((covariances[0] @ covariances[1]).numpy()).trace().real)
        return assemble(means[0], means[1], traces, root)

    def errors() -> list[str]:
        truth = by_qr(x, y)
        contenders = (("ours", ours), ("torch-fidelity", fidelity), ("scipy", scipy))
        return [f"relative error of {name}: {abs(work() / truth - 1.0):.1e}" for name, work in contenders]

    peers = (Peer("torch-fidelity", fidelity, least_fidelity), Peer("scipy sqrtm", scipy, least_scipy))
    return Case(f"Fréchet step, d = {d}, N = {n}", ours, peers, errors)


def frechet_full(scale: float) -> Case:
    """2,048 dimensions, 10,000 features: full rank."""
    return frechet(round(10_000 * scale), round(2048 * scale), 3.0, 10.0)


def frechet_deficient(scale: float) -> Case:
    """2,048 dimensions, 1,000 features: rank-deficient."""
    return frechet(round(1000 * scale), round(2048 * scale), 3.0, 10.0)


def silent_prdc(x: Tensor, y: Tensor) -> dict[str, float]:
    """Run the package `prdc`, which prints."""
    package = import_module("prdc")  # a peer of the tests only, without types
    with redirect_stdout(io.StringIO()):
        found = package.compute_prdc(x.numpy(), y.numpy(), nearest_k=5)
    return {name: float(value) for name, value in found.items()}


def prdc(scale: float) -> Case:
    """10,000 real and 10,000 generated features of 512 dimensions."""
    n = round(10_000 * scale)
    x, y = features(n, 512, 1), features(n, 512, 2)

    def errors() -> list[str]:
        ours, theirs = precision_recall_density_coverage(x, y), silent_prdc(x, y)
        gap = max(abs(getattr(ours, name) - theirs[name]) for name in theirs)
        return [f"largest difference from prdc: {gap:.1e}"]

    peer = Peer("prdc", lambda: silent_prdc(x, y), 2.0)
    return Case(f"PRDC {n} x 512, float64", lambda: precision_recall_density_coverage(x, y), (peer,), errors)


def kid(scale: float) -> Case:
    """5,000 features of 2,048 dimensions: all pairs against 100 subsets of 1,000."""
    from torch_fidelity.metric_kid import kid_features_to_metric

    n, d, size = round(5000 * scale), round(2048 * scale), round(1000 * scale)
    x, y = features(n, d, 1), features(n, d, 2)

    def fidelity() -> object:
        return kid_features_to_metric(x.float(), y.float(), kid_subset_size=size, kid_subsets=100, verbose=False)

    peers = (
        Peer("100 subsets, ours, float64", lambda: kernel_distance_subsets(x, y, torch.Generator(), 100, size), 1.0),
        Peer("100 subsets, torch-fidelity, float32", fidelity, 1.0),
    )
    return Case(f"KID {n} x {d}, all pairs, float64", lambda: kernel_distance(x, y), peers)


BUILDERS: dict[str, Callable[[float], Case]] = {
    "frechet": frechet_full,
    "frechet rank-deficient": frechet_deficient,
    "kid": kid,
    "parzen": parzen,
    "prdc": prdc,
}


def cases(containing: str) -> list[Callable[[float], Case]]:
    """Return the builders of the cases whose name contains this."""
    return [builder for name, builder in BUILDERS.items() if containing in name]
