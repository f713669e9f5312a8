"""Data that several test files share: trained once for the session."""

from __future__ import annotations

import pytest
import torch
from sklearn.datasets import load_digits

from evaluators import digits_extractor
from evaluators.truth import Extractor


@pytest.fixture(scope="session")
def digit_images():
    """Scikit-learn's digits in a fixed random order: images [1797, 1, 8, 8] in [0, 1] and labels [1797]."""
    images, labels = load_digits(return_X_y=True)
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(5))
    return (torch.tensor(images).reshape(-1, 1, 8, 8) / 16.0)[order], torch.tensor(labels).long()[order]


@pytest.fixture(scope="session")
def digits(digit_images) -> Extractor:
    """The digit extractor, trained on the first 1,097 images, its accuracy on the last 500."""
    images, labels = digit_images
    return digits_extractor(images[:1097], labels[:1097], held_out=(images[-500:], labels[-500:]))
