"""Statistics over seeds, using only numpy and scipy.special; every draw uses the caller's generator.

intervals    a mean, a share                 differences  paired, Welch, Holm
losses       failed runs last; P(a beats b)  ranks        places and their chances
aggregate    interquartile mean              power        how many seeds would do
search       quality against trials     failures     do rows fail unequally often
strata       a mean over problems       agreement    Kendall's tau between orders
"""

from __future__ import annotations

from benchmark.stats.aggregate import Aggregate, interquartile, iqm, iqm_weights
from benchmark.stats.agreement import kendall_tau, split_half_tau, tau_interval
from benchmark.stats.differences import Difference, correlation, holm, holm_levels, paired_difference, welch_difference
from benchmark.stats.failures import FailureTest, fisher_test, holm_of_failures
from benchmark.stats.intervals import Interval, Mean, mean_interval, wilson
from benchmark.stats.losses import Probability, as_losses, probability_of_improvement
from benchmark.stats.power import power_of, required_seeds
from benchmark.stats.ranks import Rank, rank_distribution
from benchmark.stats.search import BestOf, expected_best, rank_correlation
from benchmark.stats.strata import stratified_mean

__all__ = [
    "Aggregate",
    "BestOf",
    "Difference",
    "FailureTest",
    "Interval",
    "Mean",
    "Probability",
    "Rank",
    "as_losses",
    "correlation",
    "expected_best",
    "fisher_test",
    "holm",
    "holm_levels",
    "holm_of_failures",
    "interquartile",
    "iqm",
    "iqm_weights",
    "kendall_tau",
    "mean_interval",
    "paired_difference",
    "power_of",
    "probability_of_improvement",
    "rank_correlation",
    "rank_distribution",
    "required_seeds",
    "split_half_tau",
    "stratified_mean",
    "tau_interval",
    "welch_difference",
    "wilson",
]
