"""Chapters run on the Python that builds the book, whatever kernels the machine knows."""

import json
import subprocess
import sys

from book import kernel

ASK = (
    "from jupyter_client.kernelspec import get_kernel_spec as g; import json; print(json.dumps(g('python3').to_dict()))"
)


def test_our_kernel_comes_before_any_other(tmp_path, monkeypatch):
    other = tmp_path / "other" / "kernels" / "python3"
    other.mkdir(parents=True)
    spec = {"argv": ["/nowhere/python"], "display_name": "Other", "language": "python"}
    (other / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "other"))

    kernel.install(tmp_path / "ours", tmp_path)
    environment = kernel.environment(tmp_path / "ours", tmp_path)
    found = json.loads(subprocess.check_output([sys.executable, "-c", ASK], env=environment))

    assert found["argv"][0] == sys.executable
    assert found["env"]["PYTHONPATH"] == str(tmp_path)
    assert found["env"]["OMP_NUM_THREADS"] == "1"
