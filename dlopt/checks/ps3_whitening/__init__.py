"""Problem set 3, input whitening: what is right.

Expected values come from ``_cases``: data are put together from their mean, their principal axes and whitened
coordinates that were chosen first, so that nothing has to be decomposed to know what whitening must give back.
"""

from dlopt.checks.ps3_whitening._gd import regression_gd
from dlopt.checks.ps3_whitening._hessian import regression_hessian
from dlopt.checks.ps3_whitening._pca import pca_whiten
from dlopt.checks.ps3_whitening._standardize import standardize
from dlopt.checks.ps3_whitening._zca import zca_whiten

__all__ = ["pca_whiten", "regression_gd", "regression_hessian", "standardize", "zca_whiten"]
