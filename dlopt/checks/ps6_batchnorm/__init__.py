"""Problem set 6, batch normalization: what is right.

Batches are put together from their statistics, and gradients from the parts that a shift and a stretch of a column
absorb; the folded layer is the affine map through known points. So every value is known by construction, no
normalization and no backward pass is written here, and torch is not needed (the tests compare with it).
"""

from dlopt.checks.ps6_batchnorm._folding import fold_batchnorm
from dlopt.checks.ps6_batchnorm._layer import BatchNorm

__all__ = ["BatchNorm", "fold_batchnorm"]
