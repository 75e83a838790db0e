"""Right ideas in the wrong wrapping: arguments in another order, results of another type, names taken away."""

from tests.redteam.accidents.register import group, zero

accident = group("The right thing in the wrong wrapping")


@accident("quadratic: ", lost=zero("quadratic"))
def arguments_exchanged(sheet):
    """The arguments are in another order."""
    return sheet.honest().answer(quadratic=sheet.answers["quadratic"].replace("(A, b, w)", "(w, b, A)"))


@accident(r"newton_step: .*missing 1 required positional argument: 'lr'", lost=zero("newton_step"))
def one_argument_more(sheet):
    """The function asks for a learning rate that nobody gives it."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w, lr):\n    return w - lr * np.linalg.solve(hess, grad)"
    )


@accident("softmax: ", lost=zero("softmax"))
def no_argument(sheet):
    """The function takes no argument and works on a variable of the notebook."""
    return sheet.honest().answer(softmax="x = np.zeros(4)\ndef softmax():\n    e = np.exp(x)\n    return e / e.sum()")


@accident("condition_number: .*None", lost=zero("condition_number"))
def printed_not_returned(sheet):
    """The result is printed and not returned."""
    return sheet.honest().answer(condition_number="def condition_number(A):\n    print(np.linalg.cond(A))")


@accident("newton_step: .*list", lost={"newton_step": 1.75})
def a_list(sheet):
    """A list of numbers comes back instead of an array."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    return list(w - np.linalg.solve(hess, grad))"
    )


@accident("newton_step: .*tuple", lost={"newton_step": 1.75})
def a_tuple_of_one(sheet):
    """A comma at the end of the line makes a tuple of the result."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    return w - np.linalg.solve(hess, grad),"
    )


@accident("newton_step: .*a value of type generator", lost=zero("newton_step"))
def a_generator(sheet):
    """``yield`` stands where ``return`` should."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    yield w - np.linalg.solve(hess, grad)"
    )


@accident("newton_step: .*a value of type coroutine", lost=zero("newton_step"))
def a_coroutine(sheet):
    """The function is ``async``: a call returns a promise of a result."""
    return sheet.honest().answer(
        newton_step="async def newton_step(grad, hess, w):\n    return w - np.linalg.solve(hess, grad)"
    )


@accident("newton_step: .*shape", lost={"newton_step": 1.75})
def a_matrix(sheet):
    """The result is an ``np.matrix``, which is always two-dimensional."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    return np.matrix(w - np.linalg.solve(hess, grad))"
    )


@accident("newton_step: .*shape", lost={"newton_step": 1.75})
def a_column(sheet):
    """The result is a column, with an axis too many."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    return (w - np.linalg.solve(hess, grad))[:, None]"
    )


@accident("newton_step: .*float32", lost={"newton_step": 1.75})
def single_precision(sheet):
    """The result is in single precision."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    return (w - np.linalg.solve(hess, grad)).astype(np.float32)"
    )


@accident("newton_step: .*complex", lost={"newton_step": 1.75})
def complex_numbers(sheet):
    """The result is complex, with imaginary parts of zero."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    return w - np.linalg.solve(hess, grad) + 0j"
    )


@accident("newton_step: .*object", lost={"newton_step": 1.75})
def an_array_of_objects(sheet):
    """The result is an array of Python objects."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    return (w - np.linalg.solve(hess, grad)).astype(object)"
    )


@accident("newton_step: .*a value of type str", lost=zero("newton_step"))
def a_text(sheet):
    """The result is a text that shows the right numbers."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    return str(w - np.linalg.solve(hess, grad))"
    )


@accident("newton_step: .*a value of type Frame", lost=zero("newton_step"))
def a_data_frame(sheet):
    """The result is an object of a class, as a data frame would be."""
    frame = "class Frame:\n    def __init__(self, values):\n        self.values = values\n"
    return sheet.honest().answer(
        newton_step=f"{frame}def newton_step(grad, hess, w):\n    return Frame(w - np.linalg.solve(hess, grad))"
    )


@accident("newton_step: .*writes into its argument w", lost={"newton_step": 1.75})
def changes_its_arguments(sheet):
    """The step is taken in place, in the caller's own array."""
    return sheet.honest().answer(
        newton_step="def newton_step(grad, hess, w):\n    w -= np.linalg.solve(hess, grad)\n    return w"
    )


@accident("quadratic: ", lost=zero("quadratic"))
def not_a_number(sheet):
    """A division by zero somewhere makes everything NaN."""
    return sheet.honest().answer(
        quadratic="def quadratic(A, b, w):\n    return float('nan'), np.full(len(b), np.nan)", words="NaN, NaN, NaN"
    )


@accident()
def a_lambda(sheet):
    """The function is a lambda, wrapped in a decorator."""
    return sheet.honest().answer(
        digits="import functools\ndigits = functools.wraps(len)(lambda: [3, 1, 4, 1])",
        condition_number="condition_number = lambda A: np.linalg.cond(A)",
    )


@accident()
def an_object_that_can_be_called(sheet):
    """The function is an object with ``__call__``, another one a ``functools.partial``."""
    return sheet.honest().answer(
        condition_number="""
        class Kappa:
            def __call__(self, A):
                return float(np.linalg.cond(A))
        condition_number = Kappa()
        """,
        digits="import functools\ndigits = functools.partial(list, (3, 1, 4, 1))",
    )


@accident("digits: .*unhashable|softmax: .*unhashable", lost=zero("softmax"))
def cached(sheet):
    """The function is cached, and arrays cannot be keys of a cache."""
    return sheet.honest().answer(softmax=f"import functools\n@functools.lru_cache\n{sheet.answers['softmax']}")


@accident("newton_step: .*np", lost=zero("newton_step"))
def np_taken_away(sheet):
    """A variable is called np, so that numpy is gone from there on; the checks have their own."""
    return sheet.honest().answer(
        newton_step=f"np = 5\n{sheet.answers['newton_step']}", softmax="import numpy as np\n" + sheet.answers["softmax"]
    )


@accident()
def check_overwritten(sheet):
    """Variables are called check, pictures, sum and list, as things that the notebook needs."""
    return sheet.honest().add("setup", "check = 1\npictures = None\nsum = 0\nlist = [1]\nassert_ = all = None")


@accident("digits: .*callable", lost=zero("digits"))
def the_function_is_overwritten(sheet):
    """A later cell stores a result under the function's own name."""
    return sheet.honest().add("digits", "digits = digits()")


@accident("softmax: .*hidden_constant", lost=zero("softmax"))
def a_cell_that_is_gone(sheet):
    """A constant was defined in a cell that has been deleted since; on the student's machine it still exists."""
    return sheet.honest().answer(softmax="def softmax(x):\n    return np.exp(x - hidden_constant)")


@accident()
def a_variable_overwritten_on_the_way(sheet):
    """A global is used by the function and overwritten further down, after the check."""
    sheet.honest().answer(softmax="shift = 0.0\n" + sheet.answers["softmax"].replace("x.max()", "x.max() + shift"))
    return sheet.add("softmax_check", "shift = 'a text by now'")


@accident("newton_step: .*name 'np' is not defined", lost=zero("newton_step"))
def names_reset(sheet):
    """``%reset -f`` in the middle of the notebook forgets every name."""
    sheet.honest().add("condition_number_check", "%reset -f")
    return sheet.answer(softmax="import numpy as np\n" + sheet.answers["softmax"])


@accident()
def star_imports(sheet):
    """``from numpy import *`` and ``from math import *`` replace half of Python's builtins."""
    return sheet.honest().add("setup", "from numpy import *\nfrom math import *\nimport numpy")


@accident()
def numpy_set_differently(sheet):
    """Printing is set to two digits, numpy's warnings are off, and the global generators are seeded."""
    return sheet.honest().add(
        "setup",
        """
        import random
        np.set_printoptions(precision=2, suppress=True, threshold=3)
        np.seterr(all="ignore")
        np.random.seed(0)
        random.seed(0)
        """,
    )


@accident()
def warnings_as_errors(sheet):
    """Warnings are turned into errors for the whole notebook."""
    return sheet.honest().add("setup", "import warnings\nwarnings.simplefilter('error')\nnp.seterr(all='raise')")


@accident()
def loud_answers(sheet):
    """Warnings, progress bars and megabytes of print in every call; stock nbgrader gives 0 for a line on stderr."""
    loud = """
        import sys, warnings
        def loud(function):
            def louder(*args):
                warnings.warn("careful")
                np.log(np.zeros(1))
                for i in range(50):
                    print(f"\\r{i} % " + "█" * i, file=sys.stderr, end="", flush=True)
                print("x" * 10_000)
                return function(*args)
            return louder
    """
    wrapped = {name: f"{text}\n{name} = loud({name})" for name, text in sheet.answers.items()}
    return sheet.answer(**wrapped).add("setup", loud)
