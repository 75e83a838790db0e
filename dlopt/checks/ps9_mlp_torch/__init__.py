"""Problem set 9, the same network in torch: what is right.

Values come from torch's own layers and optimizers. What a training did is told by the batches that the model saw: the
descent is repeated over those, so that every way of shuffling is as good as any other. ``train_epoch`` and ``evaluate``
are tried on models of ours (see ``_inside``) and, where these do not fit, on the student's.
"""

try:
    import torch
except ModuleNotFoundError as missing:
    if missing.name != "torch":
        raise
    raise ModuleNotFoundError(
        "Problem set 9 is written in torch, which is not installed here: pip install torch, then restart the kernel. "
        "Without a GPU, pip install torch --index-url https://download.pytorch.org/whl/cpu saves several gigabytes.",
        name="torch",
    ) from None

from dlopt.checks.ps9_mlp_torch._build import build_mlp
from dlopt.checks.ps9_mlp_torch._epoch import train_epoch
from dlopt.checks.ps9_mlp_torch._evaluate import evaluate
from dlopt.checks.ps9_mlp_torch._fit import fit

# the first optimizer makes torch import for seconds: not on the time of a student's call, nor cut off by its limit
torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)

__all__ = ["build_mlp", "evaluate", "fit", "train_epoch"]
