"""Pictures of the problem sets show what the student's code returns, and step aside while it is a stub.

The rules all of them keep come first, then what is particular to a set. Set 2's have a file of their own.
"""

import builtins
import re
import sys

import matplotlib as mpl
import numpy as np
import pytest
import torch

from autograder.misconceptions import ps1, ps3, ps4, ps5, ps6, ps7, ps8, ps9, ps10
from autograder.references import ps9 as torch_answers
from autograder.references.ps8 import MLP, Linear, ReLU, Sigmoid, SoftmaxCrossEntropy, Tanh
from dlopt import (
    backprop_pictures,
    batchnorm_pictures,
    initialization_pictures,
    landscape_pictures,
    loss_pictures,
    mlp_pictures,
    optimizer_pictures,
    sgd_pictures,
    surfaces,
    whitening_pictures,
)

mpl.use("agg")

LOSS = {
    "saturation": (ps1.softmax_shifted,),
    "prices": (ps1.entropy_of_log_softmax,),
    "digits": (ps1.one_hot_eye, ps1.softmax_shifted, ps1.entropy_of_log_softmax, ps1.entropy_grad_plain),
    "slopes": (
        ps1.softmax_shifted,
        ps1.jacobian_outer,
        ps1.mse_plain,
        ps1.mse_grad_plain,
        ps1.entropy_grad_plain,
    ),
    "spoiler": (ps1.perceptron_plain,),
}
WHITENING = {
    "clouds": (ps3.standardize_where, ps3.pca_eigh),
    "digits": (ps3.pca_eigh, ps3.zca_eigh),
    "curvatures": (ps3.hessian_matmul, ps3.standardize_where, ps3.pca_eigh),
    "race": (ps3.gd_with_residuals, ps3.hessian_matmul, ps3.standardize_where, ps3.pca_eigh),
}
INITIALIZATION = {
    "histograms": (ps4.lecun_by_scale, ps4.uniform_between_bounds),
    "balance": (ps4.lecun_by_scale, ps4.xavier_by_scale, ps4.he_by_scale),
    "depth": (ps4.forward_in_a_row, ps4.lecun_by_scale, ps4.xavier_by_scale, ps4.he_by_scale),
    "both_ways": (ps4.forward_in_a_row, ps4.backward_in_a_row, ps4.xavier_by_scale, ps4.he_by_scale),
}
SGD = {
    "dealing": (ps5.minibatches, ps5.balanced_by_rounds),
    "schedules": (ps5.inverse_plain, ps5.exponential_plain, ps5.linear_plain, ps5.step_plain),
    "averaging": (ps5.step_comprehension, ps5.AveragePlain),
    "noise_ball": (ps5.regression_plain,),
    "scaling": (ps5.regression_plain, ps5.scaled_plain),
}
BATCHNORM = {
    "depth": (ps6.NormPlain,),
    "running": (ps6.NormPlain,),
    "coupling": (ps6.NormPlain,),
    "folding": (ps6.NormPlain, ps6.fold_by_scale_and_shift),
}
EIGHT = (
    ps7.MomentumPlain,
    ps7.NesterovPlain,
    ps7.RpropPlain,
    ps7.AdaGradPlain,
    ps7.RMSpropPlain,
    ps7.AdamPlain,
    ps7.PeakPlain,
    ps7.QuickPlain,
)
OPTIMIZERS = {
    "momentum": EIGHT[:2],
    "signs": EIGHT[2:3],
    "scaled": EIGHT[3:5],
    "moments": EIGHT[5:7],
    "secants": EIGHT[7:],
    "arena": EIGHT,
}
differences = ps8.differences_by_index
BACKPROP = {
    "loss": (differences, SoftmaxCrossEntropy),
    "linear": (differences, SoftmaxCrossEntropy, Linear),
    "activations": (differences, SoftmaxCrossEntropy, ReLU, Tanh, Sigmoid),
    "network": (differences, SoftmaxCrossEntropy, MLP),
    "step_sizes": (differences, SoftmaxCrossEntropy, MLP),
    "training": (ps8.train_by_permutation, MLP),
}
IN_TORCH = {
    "depth": (torch_answers.build_mlp,),
    "race": (torch_answers.build_mlp, torch_answers.train_epoch),
    "company": (torch_answers.build_mlp, torch_answers.train_epoch, torch_answers.evaluate),
    "reading": (ps9.fit_by_least_squares, torch_answers.evaluate),
}
LANDSCAPE = {
    "bump": (ps10.rescale_by_broadcasting, ps10.permute_by_index, ps10.line_in_a_row),
    "stages": (ps10.mode_in_a_row,),
    "saddles": (ps10.saddles_at_once,),
    "cliff": (ps10.clip_plain,),
    "pruning": (ps10.mask_by_sorting,),
}
SETS = {
    "ps1": (loss_pictures, LOSS),
    "ps3": (whitening_pictures, WHITENING),
    "ps4": (initialization_pictures, INITIALIZATION),
    "ps5": (sgd_pictures, SGD),
    "ps6": (batchnorm_pictures, BATCHNORM),
    "ps7": (optimizer_pictures, OPTIMIZERS),
    "ps8": (backprop_pictures, BACKPROP),
    "ps9": (mlp_pictures, IN_TORCH),
    "ps10": (landscape_pictures, LANDSCAPE),
}
EACH = pytest.mark.parametrize(
    ("draw", "functions"),
    [
        pytest.param(getattr(module, name), functions, id=f"{ps}-{name}")
        for ps, (module, works) in SETS.items()
        for name, functions in works.items()
    ],
)


def stub(*args):
    raise NotImplementedError


@pytest.fixture
def shown(monkeypatch):
    """What was displayed, as HTML."""
    html: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda element: html.append(element.data))
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    with mpl.rc_context():
        yield html


def alt(html):
    return re.search(r'alt="([^"]+)"', html)[1]


@pytest.mark.parametrize("ps", SETS)
def test_every_picture_is_tested(ps):
    module, works = SETS[ps]
    assert set(works) == set(module.__all__)


@EACH
def test_a_picture_is_an_image_with_its_alternative_text(draw, functions, shown):
    draw(*functions)
    (html,) = shown
    assert 'src="data:image/svg+xml;base64,' in html
    assert len(alt(html)) > 60


@EACH
@pytest.mark.parametrize("missing", [0, -1, None], ids=["first", "last", "all"])
def test_a_stub_gives_one_line_and_no_traceback(draw, functions, missing, shown, capsys):
    some = [stub] * len(functions) if missing is None else list(functions)
    some[missing or 0] = stub
    draw(*some)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("This picture draws itself once you have written ")
    assert not shown


@EACH
def test_nothing_is_drawn_while_grading(draw, functions, shown, monkeypatch, capsys):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    draw(*[stub] * len(functions))
    assert capsys.readouterr().out == "Pictures are left out while grading.\n"
    assert not shown


# --- problem set 1


def test_without_scikit_learn_the_digits_say_what_is_missing(shown, monkeypatch, capsys):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    loss_pictures.digits(*LOSS["digits"])
    assert "pip install scikit-learn" in capsys.readouterr().out
    assert not shown


def test_the_soft_target_is_cheapest_at_its_own_log_odds_and_not_free(shown):
    """H(0.9, 0.1) = 0.325 at log 9 = 2.2: the answer to the notebook's question."""
    loss_pictures.prices(*LOSS["prices"])
    assert "for target share 0.9 the lowest, 0.325, is at 2.2" in alt(shown[0])


def test_the_squared_error_is_silent_where_the_cross_entropy_pulls(shown):
    loss_pictures.slopes(*LOSS["slopes"])
    assert "the cross-entropy pulls with -1.000, the squared error with -2.5e-05" in alt(shown[0])


def test_the_perceptron_ends_with_nobody_wrong_in_spite_of_the_spoiler(shown):
    loss_pictures.spoiler(*LOSS["spoiler"])
    assert "0 wrong with max_epochs = 1000" in alt(shown[0])


def test_a_linear_classifier_reads_the_digits(shown):
    loss_pictures.digits(*LOSS["digits"])
    assert float(re.search(r"([\d.]+)% of the test digits", alt(shown[0]))[1]) > 94
    assert alt(shown[0]).startswith(f"The loss falls from {np.log(10):.2f}")


# --- problem set 3


def test_the_alternative_texts_tell_what_was_computed(shown):
    for name in ("clouds", "curvatures", "race"):
        getattr(whitening_pictures, name)(*WHITENING[name])
    cloud, curvature, race = map(alt, shown)
    assert "PCA-whitened, standard deviations 1.00 and 1.00, correlation 0.00" in cloud
    assert "whitened κ = 1" in curvature
    assert "whitened 0.144 after one step and 0.144 after 200" in race


@pytest.mark.parametrize(
    ("name", "functions", "said"),
    [
        ("clouds", (ps3.standardize_where, lambda X: X.T), "returned shape"),
        ("clouds", (ps3.standardize_where, lambda X: X * np.nan), "returned NaN or infinity"),
        ("curvatures", (lambda X: X, ps3.standardize_where, ps3.pca_eigh), "regression_hessian returned shape"),
        ("race", (lambda *a: np.zeros(3), *WHITENING["race"][1:]), "regression_gd returned shape"),
    ],
)
def test_what_cannot_be_drawn_gets_a_sentence(name, functions, said, shown):
    with pytest.raises(ValueError, match=said):
        getattr(whitening_pictures, name)(*functions)


# --- problem set 4


def test_the_recipes_do_to_signals_what_the_chapter_says(shown):
    for name in INITIALIZATION:
        getattr(initialization_pictures, name)(*INITIALIZATION[name])
    histograms, balance, depth, both_ways = map(alt, shown)
    assert len(re.findall(r"sums of (1\.0\d|0\.9\d)", histograms)) == 2
    forward, backward = re.search(r"xavier_by_scale ([\d.]+) forward and ([\d.]+) backward", balance).groups()
    assert float(forward) + float(backward) == pytest.approx(2, abs=0.1)
    vanished = float(re.search(r"relu: .*xavier_by_scale ([\de.-]+)", depth)[1])
    assert 1e-16 < vanished < 1e-11
    up, down = re.search(r"tanh, he_by_scale: ([\de.+-]+) at .*?, ([\de.+-]+) for", both_ways).groups()
    assert 0.1 < float(up) < 1 < float(down)


@pytest.mark.parametrize(
    ("name", "functions", "said"),
    [
        ("histograms", (ps4.lecun_unscaled, lambda i, o, rng: np.ones(o)), "returned shape"),
        ("balance", (*INITIALIZATION["balance"][:2], lambda i, o, rng: np.full((o, i), np.nan)), "NaN or infinity"),
        ("depth", (lambda *a: np.zeros(2), *INITIALIZATION["depth"][1:]), "for 30 layers"),
    ],
)
def test_weights_that_cannot_be_drawn_get_a_sentence(name, functions, said, shown):
    with pytest.raises(ValueError, match=said):
        getattr(initialization_pictures, name)(*functions)


# --- problem set 5


def test_balanced_batches_hold_every_class_alike(shown):
    sgd_pictures.dealing(*SGD["dealing"])
    assert "with balanced_minibatches between 2 and 2" in alt(shown[0])
    assert "with minibatches between 0 and" in alt(shown[0])


def test_the_average_is_closer_than_the_walk(shown):
    sgd_pictures.averaging(*SGD["averaging"])
    walk, average = map(float, re.search(r"is (\d\.\d+) from .* average (\d\.\d+)\.", alt(shown[0])).groups())
    assert average < walk / 2


def test_smaller_steps_end_in_smaller_balls_and_the_full_gradient_in_none(shown):
    sgd_pictures.noise_ball(ps5.regression_plain)
    heights = [float(h) for h in re.findall(r": (\d\.\de[+-]\d+)", alt(shown[0]))]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] < 1e-6 * heights[0]


def test_the_scaled_run_is_the_small_batch_s_run(shown):
    sgd_pictures.scaling(*SGD["scaling"])
    small, large, scaled = (float(h) for h in re.findall(r"η = [\d.]+: ([\d.]+\d)", alt(shown[0])))
    assert scaled == pytest.approx(small, rel=0.2)
    assert large > 5 * small


def test_a_regression_without_its_start_cannot_be_drawn(shown):
    with pytest.raises(ValueError, match="40 epochs need 41"):
        sgd_pictures.noise_ball(ps5.regression_without_start)


# --- problem set 6


def test_samples_grow_alike_without_the_layer_and_less_so_with_it(shown):
    batchnorm_pictures.depth(ps6.NormPlain)
    without, with_it = map(float, re.findall(r"(\d\.\d+) (?:after|with it)", alt(shown[0])))
    assert without > 0.95
    assert with_it < 0.8


def test_all_pairs_are_coupled_in_training_and_none_in_eval_mode(shown):
    batchnorm_pictures.coupling(ps6.NormPlain)
    assert "in training, 56 of 56 pairs are coupled" in alt(shown[0])
    assert "in eval mode, 0 of 56 pairs are coupled" in alt(shown[0])
    assert all(float(gap) < 1e-8 for gap in re.findall(r"by (\d+e-\d+)", alt(shown[0])))


def test_a_gradient_without_the_statistics_shows(shown):
    batchnorm_pictures.coupling(ps6.NormConstantStatistics)
    assert "in training, 0 of 56 pairs are coupled, off from differences by 4e-01" in alt(shown[0])


def test_a_wrong_fold_shows(shown):
    batchnorm_pictures.folding(ps6.NormPlain, ps6.fold_without_beta)
    assert float(re.search(r"off by (\S+)\.", alt(shown[0]))[1]) > 0.1


# --- problem set 7


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name != "arena"])
def test_right_optimizers_cover_the_reference_on_beale_s_function(name, shown):
    getattr(optimizer_pictures, name)(*OPTIMIZERS[name])
    gaps = re.findall(r"off the reference by (\de[+-]\d+)", alt(shown[0]))
    assert len(gaps) == len(OPTIMIZERS[name])
    assert all(float(gap) < 1e-6 for gap in gaps)


def test_all_eight_arrive(shown):
    optimizer_pictures.arena(*EIGHT)
    arrivals = [int(steps) for steps in re.findall(r"there after (\d+) updates", alt(shown[0]))]
    assert len(arrivals) == 8
    assert "not there" not in alt(shown[0])
    assert np.argmin(arrivals) == 2  # Rprop, as the chapter has it


def test_beale_s_function_and_its_slope_are_those_of_the_chapter():
    points = np.random.default_rng(0).uniform(-2, 3, (2, 50))
    theirs = torch.from_numpy(points.T).requires_grad_()
    height = surfaces.beale(theirs)
    height.sum().backward()
    np.testing.assert_allclose(optimizer_pictures._beale(points), height.detach(), rtol=1e-12)
    np.testing.assert_allclose([optimizer_pictures._slope(w) for w in points.T], theirs.grad, rtol=1e-10)


def test_without_torch_the_race_has_no_reference_and_says_so(shown, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    optimizer_pictures.momentum(*OPTIMIZERS["momentum"])
    assert alt(shown[0]).count("torch is not installed: no reference") == 2


def test_adam_ends_at_the_wrong_end_and_amsgrad_at_the_right_one(shown):
    optimizer_pictures.moments(*OPTIMIZERS["moments"])
    assert re.findall(r"ends at (-?\d\.\d)", alt(shown[0])) == ["1.0", "-1.0"]


def test_steps_on_a_steady_slope_shrink_like_one_over_the_root_or_settle(shown):
    optimizer_pictures.scaled(*OPTIMIZERS["scaled"])
    assert re.findall(r"from (\d\.\d+) to (\d\.\d+) times η", alt(shown[0])) == [("1.00", "0.10"), ("3.16", "1.00")]


def test_rprop_stands_still_where_signs_change(shown):
    optimizer_pictures.signs(ps7.RpropPlain)
    optimizer_pictures.signs(ps7.RpropMinus)
    still = [re.search(r"still (\d+) and (\d+) times", alt(html)).groups() for html in shown]
    assert min(map(int, still[0])) > 5
    assert still[1] == ("0", "0")


def test_quickprop_needs_two_steps_on_a_bowl_and_stops_at_the_top_of_a_cosine(shown):
    optimizer_pictures.secants(ps7.QuickPlain)
    assert "2.2, 1.2, 0, 0, 0 at first" in alt(shown[0])
    assert "from 0.9 to 0.00" in alt(shown[0])


@pytest.mark.parametrize(
    ("name", "classes", "said"),
    [
        ("momentum", (ps7.MomentumUphill, ps7.NesterovPlain), "Momentum has left the picture after"),
        ("signs", (lambda lr: type("Short", (), {"update": lambda self, *_: np.zeros(3)})(),), "theta of shape (3,)"),
    ],
)
def test_a_walk_that_cannot_be_drawn_gets_a_sentence(name, classes, said, shown):
    with pytest.raises(ValueError, match=re.escape(said)):
        getattr(optimizer_pictures, name)(*classes)


# --- problem set 8


@pytest.mark.parametrize(
    ("name", "wrong", "off"),
    [
        ("loss", (differences, ps8.EntropyGradientOfTheSum), ["∂L/∂h off by 3e+00"]),
        ("linear", (differences, SoftmaxCrossEntropy, ps8.LinearMeanBias), ["grad_b off by 8e-01"]),
        ("network", (differences, SoftmaxCrossEntropy, ps8.NetWithOneActivation), None),
    ],
)
def test_a_wrong_gradient_shows(name, wrong, off, shown):
    if off is None:  # the shared activation remembers a batch of another width
        with pytest.raises(ValueError, match="broadcast"):
            getattr(backprop_pictures, name)(*wrong)
        return
    getattr(backprop_pictures, name)(*wrong)
    assert all(sentence in alt(shown[0]) for sentence in off)


def test_the_error_of_central_differences_is_smallest_near_the_cube_root_of_epsilon():
    """Syllabus row H3, on the reference: slopes +2 and −1 about a minimum near ε^(1/3)."""

    def error(h):
        mine, theirs = backprop_pictures._network(differences, SoftmaxCrossEntropy, MLP, h)
        return backprop_pictures._gap(
            np.concatenate([g.ravel() for g in mine]), np.concatenate([g.ravel() for g in theirs])
        )

    steps = np.logspace(-8, -2, 13)
    errors = np.array([error(h) for h in steps])
    assert 1e-6 < steps[np.argmin(errors)] < 1e-4
    assert np.polyfit(np.log(steps[-5:]), np.log(errors[-5:]), 1)[0] == pytest.approx(2, abs=0.1)
    assert np.polyfit(np.log(steps[:5]), np.log(errors[:5]), 1)[0] == pytest.approx(-1, abs=0.35)


# --- problem set 9


def test_without_normalization_hardly_anything_reaches_the_last_layer(shown):
    mlp_pictures.depth(*IN_TORCH["depth"])
    plain, normed = re.findall(r"from [\d.]+ to ([\d.e-]+\d)", alt(shown[0]))
    assert float(plain) < 1e-4
    assert 0.4 < float(normed) < 0.8


def test_in_the_company_of_one_digit_the_network_reads_what_chance_would(shown):
    mlp_pictures.company(*IN_TORCH["company"])
    found = [float(share) for share in re.findall(r"([\d.]+)%", alt(shown[0]))]
    in_use, twos, nines, everyone, sorted_twos, sorted_nines, sorted_everyone = found
    assert in_use > 95
    assert twos < nines < everyone == sorted_everyone
    assert max(sorted_twos, sorted_nines) < 25


def test_a_fitted_model_is_shown_with_its_mistakes(shown):
    mlp_pictures.reading(*IN_TORCH["reading"])
    assert float(re.search(r"([\d.]+)% of the test digits", alt(shown[0]))[1]) > 95
    assert "are read wrong, with a probability of" in alt(shown[0])


# --- problem set 10


def test_two_solutions_are_one_once_rescaled_and_renumbered(shown):
    landscape_pictures.bump(*LANDSCAPE["bump"])
    found, rescaled, renumbered = (float(h) for h in re.findall(r": (\d[\d.e-]*)(?=[;.])", alt(shown[0])))
    assert found > rescaled > 0.1
    assert renumbered < 1e-12


def test_a_renumbering_that_goes_the_wrong_way_leaves_the_bump(shown):
    landscape_pictures.bump(ps10.rescale_by_broadcasting, ps10.permute_inverse, ps10.line_in_a_row)
    assert float(re.search(r"renumbered: ([\d.e-]+)\.", alt(shown[0]))[1]) > 0.01


def test_the_strong_modes_come_first(shown):
    landscape_pictures.stages(ps10.mode_in_a_row)
    for halves in re.findall(r"at steps ([\d, ]+\d)", alt(shown[0])):
        steps = [int(step) for step in halves.split(", ")]
        assert steps == sorted(steps)
        assert steps[-1] > 2 * steps[0]


def test_saddles_take_over_faster_than_coins(shown):
    landscape_pictures.saddles(ps10.saddles_at_once)
    shares = [float(s) for s in re.search(r"1 to 8: ([\d., ]+\d)", alt(shown[0]))[1].split(", ")]
    assert shares[0] == 0
    assert shares[1] == pytest.approx(0.7071, abs=0.03)
    assert all(share > 1 - 2.0 ** (1 - n) for n, share in enumerate(shares[1:], start=2))


def test_the_clipped_walk_stays_and_the_other_leaves(shown):
    landscape_pictures.cliff(ps10.clip_plain)
    clipped, free = re.findall(r"with max_norm = \d+ (\S+) after (\d+)", alt(shown[0]))
    assert float(clipped[0]) < 1e-12
    assert clipped[1] == "60"
    assert float(free[0]) > 1e10
    assert free[1] == "1"


def test_pruning_by_magnitude_is_hardly_felt_and_by_chance_it_is(shown):
    landscape_pictures.pruning(ps10.mask_by_sorting)
    whole, some, few = map(float, re.search(r"by magnitude ([\d.]+), ([\d.]+) and ([\d.]+)", alt(shown[0])).groups())
    assert whole > 0.9
    assert whole - some < 0.05
    assert few < some
    assert float(re.search(r"by chance [\d.]+, ([\d.]+)", alt(shown[0]))[1]) < 0.7


def test_a_walk_without_its_start_cannot_be_drawn(shown):
    with pytest.raises(ValueError, match="for 500 steps"):
        landscape_pictures.stages(ps10.mode_without_start)
