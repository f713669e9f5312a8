"""Equal-budget tuning: as many trials and gradient evaluations for every objective, judged on what no trial saw.

tuning     what is asked for                  space      the hyper-parameters and their ranges
sampling   the next settings, by Optuna       trials     one setting and how it did; which is better
search     the waves of trials                summary    quality against budget, how much of the space is good
tune       all of it, and then the best of each objective on fresh seeds and real data
"""

from __future__ import annotations
