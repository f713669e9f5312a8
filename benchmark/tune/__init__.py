"""Equal-budget tuning: every objective gets the same number of trials, and the best is evaluated on unseen data.

tuning     the request                        space      the hyper-parameters and their ranges
sampling   the next settings, by Optuna       trials     settings with their runs, and their order
plans      the runs of trials and of the best search     wave after wave of trials
summary    quality against budget, how much of the space is good
tune       the search, then the best setting of each objective on fresh seeds and the problem's own data
"""

from __future__ import annotations
