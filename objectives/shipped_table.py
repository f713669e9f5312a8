"""The table of versions as shipped elsewhere: `as-shipped/REPOSITORY-NAME`."""

from __future__ import annotations

from objectives.as_shipped import (
    BatchwisePullingAway,
    ChannelNearData,
    CollectionsLeastSquares,
    CompareGANLeastSquares,
    FreeWasserstein,
    HalvedWasserstein,
    MimicryMinimax,
    MimicryNonSaturating,
    OldHinge,
    PenaltyAlone,
    PixelOneCentred,
    PyTorchGANRelativistic,
    RowOneCentred,
    Shipped,
    SigmoidNearData,
    SwappedSlices,
    TFGANMinimax,
    UnclampedBEGAN,
    UnsquaredPullingAway,
    WholeBatchNearData,
    WholeBatchOneCentred,
)
from objectives.classic import NonSaturating
from objectives.compose import Penalised
from objectives.energy import EBGAN
from objectives.games import dragan, wgan_gp
from objectives.margin import Hinge
from objectives.penalties import R1, OneCentred
from objectives.wasserstein import Wasserstein

AS_SHIPPED: dict[str, Shipped] = {
    "as-shipped/compare-gan-began": Shipped(
        UnclampedBEGAN,
        "began",
        "google/compare_gan (2018), gans/BEGAN.py",
        "k is never clamped to [0, 1], so it may become negative, and the critic then learns to reconstruct fakes too",
        ("state",),
    ),
    "as-shipped/compare-gan-dragan": Shipped(
        lambda: Penalised(NonSaturating(), SigmoidNearData(), paper=dragan().traits.recommended),
        "dragan",
        "google/compare_gan (2018), gans/DRAGAN.py",
        "the penalty uses the slope of σ(D), which is at most ¼ of that of D",
        ("slope",),
    ),
    "as-shipped/compare-gan-lsgan": Shipped(
        CompareGANLeastSquares,
        "lsgan",
        "google/compare_gan (2018, 2019), gans/LSGAN.py, gans/loss_lib.py",
        "squares of σ(D) instead of D: bounded, with a gradient that vanishes at both ends",
        ("closed form", "optimum"),
    ),
    "as-shipped/gan-stability-r1": Shipped(
        lambda: Penalised(NonSaturating(), R1(gamma=20.0)),
        "ns+r1",
        "LMescheder/GAN_stability (2019), gan_training/train.py",
        "a convention: its 10 multiplies E ‖∇D‖² without the paper's ½, so it equals γ = 20 here",
    ),
    "as-shipped/hwalsuklee-lsgan": Shipped(
        CollectionsLeastSquares,
        "lsgan",
        "hwalsuklee/tensorflow-generative-model-collections (2018), LSGAN.py",
        "the critic's weights are clipped to ±0.01, left over from WGAN",
        ("constraint",),
    ),
    "as-shipped/hwalsuklee-wgan-gp": Shipped(
        lambda: Penalised(Wasserstein(), RowOneCentred(), paper=wgan_gp().traits.recommended),
        "wgan-gp",
        "hwalsuklee/tensorflow-generative-model-collections (2018), WGAN_GP.py",
        "on images the norm is taken over one axis only, and λ is ¼",
        ("slope",),
    ),
    "as-shipped/lynnho-hinge": Shipped(
        OldHinge,
        "hinge",
        "LynnHo/DCGAN-LSGAN-WGAN-GP-DRAGAN-Pytorch (2021), torchprob/gan/loss.py, hinge_v1",
        "the generator minimises E relu(1 - D(G(z))), which stops at D = 1",
        ("closed form",),
    ),
    "as-shipped/mimicry-minimax": Shipped(
        MimicryMinimax,
        "minimax",
        "kwotsin/mimicry (2020), modules/losses.py",
        "the generator's loss is the non-saturating one: 'gan' and 'ns' are the same game",
        ("closed form",),
    ),
    "as-shipped/mimicry-ns": Shipped(
        MimicryNonSaturating,
        "ns",
        "kwotsin/mimicry (2020), modules/losses.py",
        "log(σ(D) + 1e-8): at a score of -30 the gradient is -9e-6 where it should be -1",
        ("closed form",),
    ),
    "as-shipped/mmgeneration-wgan-gp": Shipped(
        lambda: Penalised(Wasserstein(), PixelOneCentred(), paper=wgan_gp().traits.recommended),
        "wgan-gp",
        "open-mmlab/mmgeneration (2021), losses/disc_auxiliary_loss.py",
        "by default the norm is taken over the channels at each pixel",
        ("slope",),
    ),
    "as-shipped/owl-vaes-r3gan": Shipped(
        Hinge,
        "r3gan",
        "Overworldai/owl-vaes (2025), discriminators, before pull request 16",
        "the loss of its R3GANDiscriminator is a hinge: not relativistic, and without R1 and R2",
        ("closed form",),
    ),
    "as-shipped/pytorch-gan-dragan": Shipped(
        lambda: Penalised(PenaltyAlone(), ChannelNearData(), paper=dragan().traits.recommended),
        "dragan",
        "eriklindernoren/PyTorch-GAN (2021), dragan.py",
        "the adversarial loss is never back-propagated: only the penalty, over channels, trains the critic",
        ("closed form", "opposed", "optimum", "reaches", "slope"),
    ),
    "as-shipped/pytorch-gan-ebgan-pt": Shipped(
        lambda: Penalised(EBGAN(), UnsquaredPullingAway()),
        "ebgan-pt",
        "eriklindernoren/PyTorch-GAN (2021), ebgan.py",
        "the cosine is not squared: opposite codes are rewarded instead of penalised",
        ("pulling away",),
    ),
    "as-shipped/pytorch-gan-rsgan": Shipped(
        PyTorchGANRelativistic,
        "rsgan",
        "eriklindernoren/PyTorch-GAN (2021), relativistic_gan.py",
        "the generator's relativistic loss is overwritten on the next line by the non-saturating one",
        ("closed form", "shift"),
    ),
    "as-shipped/sony-san": Shipped(
        lambda: SwappedSlices(Hinge()),
        "hinge+san",
        "sony/san (2024-04 to 2024-06), simple-san/models/discriminator.py",
        "the stopped gradients are swapped: the hinge trains the direction, and the Wasserstein loss the features",
        ("slicing",),
    ),
    "as-shipped/tfgan-minimax": Shipped(
        TFGANMinimax,
        "minimax",
        "tensorflow/gan, losses_impl.py",
        "label_smoothing is 0.25 by default: the real target is 0.875",
        ("closed form", "optimum"),
    ),
    "as-shipped/torchgan-dragan": Shipped(
        lambda: Penalised(NonSaturating(), WholeBatchNearData(), paper=dragan().traits.recommended),
        "dragan",
        "torchgan/torchgan, losses/functional.py, losses/draganpenalty.py",
        "one norm for the gradients of the whole batch, and one interpolation for each pixel",
        ("slope",),
    ),
    "as-shipped/torchgan-ebgan-pt": Shipped(
        lambda: Penalised(EBGAN(), BatchwisePullingAway()),
        "ebgan-pt",
        "torchgan/torchgan, losses/functional.py",
        "codes are normalised along the batch, and each is compared with itself too",
        ("pulling away",),
    ),
    "as-shipped/torchgan-wgan": Shipped(
        FreeWasserstein,
        "wgan",
        "torchgan/torchgan, losses/wasserstein.py",
        "by default nothing constrains the critic, so its loss has no lower bound",
        ("bounded",),
    ),
    "as-shipped/torchgan-wgan-gp": Shipped(
        lambda: Penalised(Wasserstein(), WholeBatchOneCentred(), paper=wgan_gp().traits.recommended),
        "wgan-gp",
        "torchgan/torchgan, losses/functional.py, losses/wasserstein.py",
        "one norm for the gradients of the whole batch: 64 exactly 1-Lipschitz samples cost (8 - 1)² = 49, not 0",
        ("slope",),
    ),
    "as-shipped/vegans-wgan-gp": Shipped(
        lambda: Penalised(HalvedWasserstein(), OneCentred(), paper=wgan_gp().traits.recommended),
        "wgan-gp",
        "vegans, WassersteinGANGP.py",
        "the Wasserstein loss is halved, so λ = 10 acts as 20",
        ("closed form",),
    ),
}
