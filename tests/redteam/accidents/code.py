"""Code that waits, writes, leaves, imports what is not there, shows too much, or never ends."""

from tests.redteam.accidents.register import group, zero

accident = group("Code that goes wrong")


@accident("softmax: .*nobody is there to answer", lost=zero("softmax"))
def asks_the_user(sheet):
    """``input()`` waits for somebody who is not there."""
    asks = sheet.honest().answer(softmax="def softmax(x):\n    return float(input('x? ')) * x")
    return asks.add("title", "name = input('Your name: ')")


@accident(shown="BdbQuit|nobody|Error")
def a_breakpoint_left_in(sheet):
    """``breakpoint()`` and the debugger's magic were left in a cell."""
    return sheet.honest().add("quadratic", "breakpoint()\nprint('after')").add("root", "1 / 0").add("root", "%debug")


@accident()
def leaves_in_a_cell(sheet):
    """``exit()``, ``quit()`` and ``sys.exit()`` in cells of the student's own, to stop "Run all"."""
    return sheet.honest().add("quadratic", "exit()").add("softmax", "import sys\nsys.exit()").add("root", "quit()")


@accident("digits: ", lost=zero("digits"))
def leaves_in_the_answer(sheet):
    """The function ends with ``exit()`` instead of ``return``."""
    return sheet.honest().answer(digits="import sys\ndef digits():\n    print([3, 1, 4, 1])\n    sys.exit()")


@accident("the session ended once and was begun again")
def ends_the_process(sheet):
    """``os._exit`` in a cell: what came before it is run again, what comes after is graded as well."""
    return sheet.honest().add("newton_step", "import os\nos._exit(3)")


@accident("softmax: .*the session ended|the session ended once", lost=zero("softmax"), kinds={"softmax": "crashed"})
def segfault(sheet):
    """C code is called with an address that is none."""
    return sheet.honest().answer(softmax="import ctypes\ndef softmax(x):\n    return ctypes.string_at(0)")


@accident("newton_step: .*recursion", lost=zero("newton_step"))
def recursion(sheet):
    """A function calls itself without end."""
    return sheet.honest().answer(newton_step="def newton_step(grad, hess, w):\n    return newton_step(grad, hess, w)")


@accident("root: ", lost=zero("root"), kinds={"root": "crashed"})
def deep_recursion(sheet):
    """A function calls itself, after the limit on that was lifted: the stack runs into its end."""
    return sheet.honest().answer(
        root="""
        import sys
        def root(x):
            sys.setrecursionlimit(10**9)
            return sorted([x], key=root)[0]
        """
    )


@accident("digits: .*memory", lost=zero("digits"), kinds={"digits": "memory"})
def a_list_without_end(sheet):
    """A list grows until there is no memory left."""
    return sheet.honest().answer(
        digits="""
        def digits():
            found = []
            while True:
                found.append(bytearray(10**7))
        """
    )


@accident("softmax: .*memory", lost=zero("softmax"), kinds={"softmax": "memory"})
def an_array_too_large(sheet):
    """A table of all pairs of a million points is asked for: seven terabytes."""
    return sheet.honest().answer(softmax="def softmax(x):\n    return np.ones((10**6, 10**6))")


@accident()
def writes_files(sheet):
    """Results are saved in files and read again, in the current folder and in /tmp."""
    return sheet.honest().add(
        "quadratic",
        """
        np.save("result.npy", np.eye(3))
        import pathlib, pickle, tempfile
        pathlib.Path("out").mkdir()
        pathlib.Path("out/log.txt").write_text("done")
        pickle.dump({1: 2}, open("/tmp/state.pkl", "wb"))
        assert np.load("result.npy").sum() == 3
        """,
    )


@accident("root: .*(No space left|File too large)", lost=zero("root"))
def fills_the_disk(sheet):
    """A log is written without end."""
    return sheet.honest().answer(
        root="def root(x):\n    with open('log', 'w') as log:\n        while True:\n            log.write('x' * 10**6)"
    )


@accident(r"digits: .*No such file or directory: 'digits\.csv'", lost=zero("digits"))
def reads_a_missing_file(sheet):
    """The answer reads a file that lies on the student's own desk."""
    return sheet.honest().answer(digits="def digits():\n    return [int(line) for line in open('digits.csv')]")


@accident(r"softmax: .*No module named 'torch'", lost=zero("softmax"))
def imports_torch(sheet):
    """The answer asks torch, which this problem set does not have."""
    return sheet.honest().answer(
        softmax="def softmax(x):\n    import torch\n    return torch.softmax(torch.tensor(x), 0).numpy()"
    )


@accident()
def imports_what_is_not_there(sheet):
    """Cells of the student's own import scipy, scikit-learn, pandas and seaborn, which are not there."""
    for name in ("sklearn", "scipy.stats", "pandas", "seaborn"):
        sheet.add("setup", f"import {name}")
    return sheet.honest()


@accident()
def installs_packages(sheet):
    """``%pip install``, ``!pip install`` and ``%conda install`` stand at the top, as the web advises."""
    return (
        sheet.honest()
        .add("setup", "%pip install numpy")
        .add("setup", "!pip install -q torch")
        .add("setup", "%conda install scipy")
    )


@accident()
def magics(sheet):
    """IPython's own commands, shell commands, and magics that do not exist."""
    return (
        sheet.honest()
        .add(
            "setup",
            "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'\n%load_ext autoreload\n%time 1 + 1",
        )
        .add("quadratic", "!ls /\n%timeit -n1 -r1 1 + 1\nfiles = !ls\n%who\nquadratic?")
        .add("root", "%%bash\necho hello")
        .add("softmax", "%%time\nx = 1\n%no_such_magic")
    )


@accident()
def files_by_magic(sheet):
    """Cells write modules, change the folder, run scripts and notebooks, and load extensions that are not there."""
    return (
        sheet.honest()
        .add("setup", "%%writefile helpers.py\ndef helper(x):\n    return x")
        .add("quadratic", "from helpers import helper\n%run helpers.py\n%cd /tmp\n%pwd")
        .add("newton_step", "%load_ext tensorboard\n%tensorboard --logdir logs")
        .add("softmax", "%matplotlib widget")
        .add("root", "%%javascript\nalert(1)")
    )


@accident()
def awaits(sheet):
    """``await`` at the top of a cell, as Jupyter allows, and ``asyncio.run``, as it does not."""
    text = "import asyncio\nasync def later():\n    await asyncio.sleep(0.01)\n    return 1\n"
    return sheet.honest().add("quadratic", f"{text}await later()").add("root", f"{text}asyncio.run(later())")


@accident()
def errors_on_the_way(sheet):
    """Attempts fail in cells of the student's own: missing files, names and modules, failed assertions."""
    return (
        sheet.honest()
        .add("setup", "import pandas_of_a_better_world")
        .add("quadratic", "open('/Users/marta/Desktop/data.csv')")
        .add("softmax", "softmax('not', 'like', 'this')\nundefined + 1")
        .add("root", "assert root(4.0) == 3.0, 'no!'\n")
    )


@accident(shown="… output cut|more characters")
def huge_output(sheet):
    """A hundred million characters, with colours."""
    return sheet.honest().add(
        "quadratic", "print('\\x1b[31mred\\x1b[0m' * 10_000_000)\nfor i in range(10**5): print(i)"
    )


@accident(shown="… output cut|more characters")
def a_million_lines(sheet):
    """A million lines are printed, one by one."""
    return sheet.honest().add("quadratic", "for i in range(10**6): print(i)")


@accident(shown="image/png")
def figures(sheet):
    """Plots, interactive ones too, are shown in a loop and left open by the dozen."""
    return sheet.honest().add(
        "quadratic",
        """
        import matplotlib.pyplot as plt
        plt.ion()
        for k in range(25):
            plt.figure()
            plt.plot([1, 2, k])
            if k < 3:
                plt.show()
        """,
    )


@accident()
def draws_while_it_computes(sheet):
    """The answer shows a plot and a table in every call."""
    loud = "import matplotlib.pyplot as plt\nfrom IPython.display import display, HTML, clear_output\n"
    body = sheet.answers["condition_number"].replace(
        "    eigenvalues",
        "    plt.plot([1, 2]); plt.show(); display(HTML('<b>x</b>')); clear_output()\n    eigenvalues",
        1,
    )
    return sheet.honest().answer(condition_number=loud + body)


@accident()
def a_window(sheet):
    """A window is opened where there is no screen."""
    return sheet.honest().add("quadratic", "import tkinter\ntkinter.Tk().mainloop()").add("root", "%matplotlib qt")


@accident(shown=r"worked: \[1, 2\]")
def threads_and_processes(sheet):
    """Threads, a pool of processes and servers are started and left running."""
    steps = {
        "quadratic": "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()",
        "condition_number": """
        import http.server
        server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        """,
        "newton_step": """
        import socketserver
        server = socketserver.UnixStreamServer("/tmp/server", socketserver.StreamRequestHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        """,
        "softmax": """
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
        """,
        "root": """
        import multiprocessing
        pool = multiprocessing.get_context("fork").Pool(2)
        print("worked:", pool.map(abs, [-1, -2]))
        """,
    }
    sheet.honest()
    for exercise, step in steps.items():
        sheet.add(exercise, step)
    return sheet


@accident()
def downloads(sheet):
    """Data is downloaded from the web, where there is none."""
    return sheet.honest().add(
        "quadratic", "import urllib.request\nurllib.request.urlopen('https://example.org/data.csv', timeout=5)"
    )
