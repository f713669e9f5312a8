"""The catalogue of GAN objectives: name -> class, or a function that composes one."""

from __future__ import annotations

from collections.abc import Callable

from objectives.alpha import AlphaGAN
from objectives.augment import DifferentiablyAugmented
from objectives.base import Critic, Game, Objective, Optimum
from objectives.classic import BoundarySeeking, FeatureMatching, Minimax, NonSaturating, Softmax
from objectives.compose import Penalised, Penalty, Wrapper
from objectives.conditional import AuxiliaryClassifier, LabelInput, Projection
from objectives.divergence import (
    FGANHellinger,
    FGANJensenShannon,
    FGANKullbackLeibler,
    FGANMinimax,
    FGANNeyman,
    FGANPearson,
    FGANReverseKullbackLeibler,
    FGANTotalVariation,
)
from objectives.drifting import Drifting
from objectives.energy import BEGAN, EBGAN
from objectives.games import dragan, ebgan_pt, r3gan, wgan, wgan_div, wgan_gp, wgan_lp
from objectives.kernel import MMD, Cramer, FixedMMD
from objectives.margin import Hinge, KLWasserstein, LeastKth, LeastSquares
from objectives.normalisation import GradientNormalised, LayerNormalised, SpectrallyNormalised
from objectives.penalties import R1, R2, NearData, OneCentred, OneSided, WassersteinDivergence, ZeroCentred
from objectives.relativistic import (
    RelativisticAverageHinge,
    RelativisticAverageLeastSquares,
    RelativisticAverageStandard,
    RelativisticPairing,
)
from objectives.shipped_table import AS_SHIPPED
from objectives.slicing import Sliced
from objectives.stabilisers import (
    Consistency,
    HistoricalAveraging,
    LatentConsistency,
    LeCam,
    MatchFeatures,
    PullingAway,
)
from objectives.stop import stop_gradient
from objectives.traits import Added, Recommended, Traits
from objectives.transforms import InstanceNoise, Packed, TopK
from objectives.transport import OptimalTransport, SlicedWasserstein
from objectives.wasserstein import Clip, Fisher, Wasserstein

OBJECTIVES: dict[str, Callable[[], Objective]] = {
    "alpha": AlphaGAN,
    "began": BEGAN,
    "bgan": BoundarySeeking,
    "cramer": Cramer,
    "dragan": dragan,
    "drifting": Drifting,
    "ebgan": EBGAN,
    "ebgan-pt": ebgan_pt,
    "feature-matching": FeatureMatching,
    "fgan-gan": FGANMinimax,
    "fgan-hellinger": FGANHellinger,
    "fgan-js": FGANJensenShannon,
    "fgan-kl": FGANKullbackLeibler,
    "fgan-neyman": FGANNeyman,
    "fgan-pearson": FGANPearson,
    "fgan-rkl": FGANReverseKullbackLeibler,
    "fgan-tv": FGANTotalVariation,
    "fisher": Fisher,
    "hinge": Hinge,
    "kl-wgan": KLWasserstein,
    "lk": LeastKth,
    "lsgan": LeastSquares,
    "minimax": Minimax,
    "mmd": MMD,
    "mmd-fixed": FixedMMD,
    "ns": NonSaturating,
    "ot-gan": OptimalTransport,
    "r3gan": r3gan,
    "rahinge": RelativisticAverageHinge,
    "ralsgan": RelativisticAverageLeastSquares,
    "rasgan": RelativisticAverageStandard,
    "rsgan": RelativisticPairing,
    "softmax": Softmax,
    "swg": SlicedWasserstein,
    "wasserstein": Wasserstein,
    "wgan": wgan,
    "wgan-div": wgan_div,
    "wgan-gp": wgan_gp,
    "wgan-lp": wgan_lp,
}

WRAPPERS: dict[str, type[Penalty] | type[Wrapper]] = {
    "acgan": AuxiliaryClassifier,
    "clip": Clip,
    "cr": Consistency,
    "diffaug": DifferentiablyAugmented,
    "div": WassersteinDivergence,
    "dragan": NearData,
    "fm": MatchFeatures,
    "gn": GradientNormalised,
    "gp": OneCentred,
    "gp0": ZeroCentred,
    "history": HistoricalAveraging,
    "label": LabelInput,
    "lecam": LeCam,
    "ln": LayerNormalised,
    "lp": OneSided,
    "noise": InstanceNoise,
    "pac": Packed,
    "projection": Projection,
    "pt": PullingAway,
    "r1": R1,
    "r2": R2,
    "san": Sliced,
    "sn": SpectrallyNormalised,
    "topk": TopK,
    "zcr": LatentConsistency,
}


def example_of(wrapper: str) -> str:
    """Return a wrapper on the simplest objective that it fits, which is shown and checked if it is named alone."""
    return f"{'hinge' if wrapper == 'san' else 'ns'}+{wrapper}"


__all__ = [
    "AS_SHIPPED",
    "BEGAN",
    "EBGAN",
    "MMD",
    "OBJECTIVES",
    "R1",
    "R2",
    "WRAPPERS",
    "Added",
    "AlphaGAN",
    "AuxiliaryClassifier",
    "BoundarySeeking",
    "Clip",
    "Consistency",
    "Cramer",
    "Critic",
    "DifferentiablyAugmented",
    "Drifting",
    "FGANHellinger",
    "FGANJensenShannon",
    "FGANKullbackLeibler",
    "FGANMinimax",
    "FGANNeyman",
    "FGANPearson",
    "FGANReverseKullbackLeibler",
    "FGANTotalVariation",
    "FeatureMatching",
    "Fisher",
    "FixedMMD",
    "Game",
    "GradientNormalised",
    "Hinge",
    "HistoricalAveraging",
    "InstanceNoise",
    "KLWasserstein",
    "LabelInput",
    "LatentConsistency",
    "LayerNormalised",
    "LeCam",
    "LeastKth",
    "LeastSquares",
    "MatchFeatures",
    "Minimax",
    "NearData",
    "NonSaturating",
    "Objective",
    "OneCentred",
    "OneSided",
    "OptimalTransport",
    "Optimum",
    "Packed",
    "Penalised",
    "Penalty",
    "Projection",
    "PullingAway",
    "Recommended",
    "RelativisticAverageHinge",
    "RelativisticAverageLeastSquares",
    "RelativisticAverageStandard",
    "RelativisticPairing",
    "Sliced",
    "SlicedWasserstein",
    "Softmax",
    "SpectrallyNormalised",
    "TopK",
    "Traits",
    "Wasserstein",
    "WassersteinDivergence",
    "Wrapper",
    "ZeroCentred",
    "dragan",
    "ebgan_pt",
    "example_of",
    "r3gan",
    "stop_gradient",
    "wgan",
    "wgan_div",
    "wgan_gp",
    "wgan_lp",
]
