"""Equal-budget tuning: as many trials and gradient evaluations for every objective, judged on what no trial saw.

tuning     what is asked for                  space      the hyper-parameters and their ranges
sampling   the next settings, by Optuna       trials     one setting and how it did; which is better
plans      the runs of a wave, and the last   search     wave after wave
summary    quality against budget, how much of the space is good
tune       all of it, and then the best of each objective on fresh seeds and the problem's own data
"""

from __future__ import annotations
