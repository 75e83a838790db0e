"""The public contract of the problem sets, name by name, and what every name must have."""

import ast
import json

import pytest

from autograder import grading
from autograder.course import Course
from autograder.misconceptions import table
from autograder.mutation.trial import exercises
from autograder.release import release

LAYER = ("forward(x)", "backward(dy)")
OPTIMIZER = ("update(theta, grad)",)

#: Every name that students are asked for, as the contract writes it, and the methods of the classes.
CONTRACT = {
    "ps1_losses": {
        "one_hot(labels, num_classes)": (),
        "softmax(h)": (),
        "log_softmax(h)": (),
        "cross_entropy(h, y)": (),
        "cross_entropy_grad(h, y)": (),
        "mse(f, y)": (),
        "mse_grad(f, y)": (),
        "softmax_jacobian(h)": (),
        "perceptron(X, t, max_epochs)": (),
    },
    "ps2_quadratics": {
        "quadratic(A, b, w)": (),
        "gradient_descent(A, b, w0, lr, num_steps)": (),
        "condition_number(A)": (),
        "convergence_rate(A, lr)": (),
        "optimal_learning_rate(A)": (),
        "to_eigenbasis(A, b, w)": (),
        "exact_line_search(A, b, w0, num_steps)": (),
        "newton_step(grad, hess, w)": (),
        "classify_critical_point(H)": (),
    },
    "ps3_whitening": {
        "standardize(X)": (),
        "pca_whiten(X, eps=0.0)": (),
        "zca_whiten(X, eps=0.0)": (),
        "regression_hessian(X)": (),
        "regression_gd(X, y, lr, num_steps)": (),
    },
    "ps4_initialization": {
        "lecun_normal(fan_in, fan_out, rng)": (),
        "xavier_uniform(fan_in, fan_out, rng)": (),
        "xavier_normal(fan_in, fan_out, rng)": (),
        "he_normal(fan_in, fan_out, rng)": (),
        "forward_variances(x, weights, activation)": (),
        "backward_variances(x, weights, activation, dy)": (),
    },
    "ps5_sgd": {
        "minibatches(X, y, batch_size, rng)": (),
        "balanced_minibatches(X, labels, batch_size, rng)": (),
        "sgd_step(params, grads, lr)": (),
        "inverse_decay(lr0, k)": (),
        "exponential_decay(lr0, beta, k)": (),
        "linear_decay(lr0, lr_tau, tau, k)": (),
        "step_decay(lr0, factor, every, k)": (),
        "scaled_learning_rate(lr, batch_size, new_batch_size)": (),
        "class EMA(gamma)": ("update(params)",),
        "sgd_linear_regression(X, y, lr, batch_size, num_epochs, rng)": (),
    },
    "ps6_batchnorm": {
        "class BatchNorm(num_features, eps=1e-5, momentum=0.1)": LAYER,
        "fold_batchnorm(gamma, beta, mean, var, eps, W, b)": (),
    },
    "ps7_optimizers": {
        "class Momentum(lr, alpha)": OPTIMIZER,
        "class Nesterov(lr, alpha)": (*OPTIMIZER, "lookahead(theta)"),
        "class Rprop(lr, up=1.2, down=0.5, min_step=1e-6, max_step=50.0)": OPTIMIZER,
        "class AdaGrad(lr, delta=1e-10)": OPTIMIZER,
        "class RMSprop(lr, rho=0.9, eps=1e-8)": OPTIMIZER,
        "class Adam(lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8)": OPTIMIZER,
        "class AMSGrad(lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8)": OPTIMIZER,
        "class Quickprop(lr, max_factor=1.75)": OPTIMIZER,
    },
    "ps8_backprop": {
        "class Linear(in_features, out_features, rng)": LAYER,
        "class ReLU": LAYER,
        "class Tanh": LAYER,
        "class Sigmoid": LAYER,
        "class SoftmaxCrossEntropy": ("forward(h, y)", "backward()"),
        "class MSELoss": ("forward(f, y)", "backward()"),
        "class MLP(sizes, activation, rng)": (*LAYER, "parameters()", "gradients()"),
        "numerical_gradient(mlp, x, y, h=1e-5)": (),
        "train(mlp, X, labels, num_epochs, batch_size, lr, rng)": (),
    },
    "ps9_mlp_torch": {
        "build_mlp(sizes, activation='relu', batch_norm=False)": (),
        "train_epoch(model, X, labels, optimizer_name, lr, batch_size, seed)": (),
        "evaluate(model, X, labels)": (),
        "fit(X, labels, seed)": (),
    },
    "ps10_landscapes": {
        "permute_hidden(W1, b1, W2, perm)": (),
        "rescale_relu(W1, b1, W2, alpha)": (),
        "interpolate(params_a, params_b, t)": (),
        "magnitude_mask(W, sparsity)": (),
        "clip_by_norm(grads, max_norm)": (),
        "mode_strength(a0, b0, sigma, lr, num_steps)": (),
        "random_hessian_saddle_fraction(n, samples, rng)": (),
    },
}

#: Exercises with fewer than six mistakes, because fewer distinct ones exist: how many there are, never under two.
FEWER: dict[str, int] = {}

NAMES = [(ps, signature) for ps in CONTRACT for signature in CONTRACT[ps]]


def name_of(signature: str) -> str:
    return signature.removeprefix("class ").split("(")[0]


def arguments(definition: ast.FunctionDef) -> str:
    """Write the arguments so that 1e-5 and 0.00001 are the same."""
    definition.args.args = [a for a in definition.args.args if a.arg != "self"]
    return ast.unparse(definition.args)


def parsed(signature: str) -> str:
    """Write the arguments of a signature of the contract in the same way."""
    call = signature.removeprefix("class ") if "(" in signature else "f()"
    (definition,) = ast.parse(f"def {call}: ...").body
    return arguments(definition)


@pytest.fixture(scope="module")
def cells(course):
    """Every set's released cells by grade_id, each source one string without the marks of a quotation."""
    found = {}
    for ps in CONTRACT:
        notebook = json.loads(release(course, ps).read_text(encoding="utf-8"))
        found[ps] = {
            cell["metadata"]["nbgrader"]["grade_id"]: {**cell, "source": "".join(cell["source"]).replace("\n> ", " ")}
            for cell in notebook["cells"]
        }
    return found


def test_the_course_has_the_sets_of_the_contract_in_their_order():
    assert Course().problem_sets() == list(CONTRACT)


@pytest.mark.parametrize("ps", CONTRACT)
def test_the_checks_are_those_of_the_contract(ps):
    assert set(exercises(ps)) == {name_of(signature) for signature in CONTRACT[ps]}


@pytest.mark.parametrize(("ps", "signature"), NAMES)
def test_the_notebook_states_it_word_for_word(ps, signature, cells):
    text = cells[ps][f"{name_of(signature)}_text"]["source"]
    assert f"`{signature}`" in text
    for method in CONTRACT[ps][signature]:
        assert f"`.{method}`" in text


@pytest.mark.parametrize(("ps", "signature"), NAMES)
def test_the_stub_has_its_name_arguments_and_methods(ps, signature, cells):
    (stub,) = ast.parse(cells[ps][name_of(signature)]["source"]).body
    assert stub.name == name_of(signature)
    if isinstance(stub, ast.FunctionDef):
        assert not signature.startswith("class ")
        assert arguments(stub) == parsed(signature)
        return
    methods = {node.name: arguments(node) for node in stub.body if isinstance(node, ast.FunctionDef)}
    assert methods.pop("__init__", "") == parsed(signature)
    assert methods == {name_of(method): parsed(method) for method in CONTRACT[ps][signature]}


@pytest.mark.parametrize(("ps", "signature"), NAMES)
def test_it_has_a_check_worth_one_to_five_points(ps, signature, cells):
    name = name_of(signature)
    cell = cells[ps][f"{name}_check"]
    assert cell["source"] == f"check.{name}({name})"
    points = cell["metadata"]["nbgrader"]["points"]
    assert points == exercises(ps)[name].points
    assert 1 <= points <= 5


@pytest.mark.parametrize(("ps", "signature"), NAMES)
def test_it_has_three_right_answers_and_six_mistakes_with_a_sentence_and_hints(ps, signature):
    name = name_of(signature)
    assert len(table(ps).right_answers[name]) >= 3
    known = table(ps).misconceptions[name]
    assert len({m.name for m in known}) == len(known) >= max(2, FEWER.get(name, 6))
    assert grading.known(name) == known  # grading names them, and nobody else's
    assert all(m.sentence.endswith((".", "?", "…")) and m.loses for m in known)
    assert all(prop.hint for prop in exercises(ps)[name].properties)


@pytest.mark.parametrize("ps", CONTRACT)
def test_nobody_answers_an_exercise_that_is_not_there(ps):
    names = {name_of(signature) for signature in CONTRACT[ps]}
    assert set(table(ps).right_answers) | set(table(ps).misconceptions) == names
