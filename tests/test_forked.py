"""A kernel that was forked is as fresh as a new process, but for torch, and ends as one does."""

import os
import sys

import pytest
from jupyter_client.manager import start_new_kernel

from tests.handbook import ROOT
from tools import forked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """kernel(code) -> what it prints; the manager of a kernel that starts in an empty folder."""
    monkeypatch.setenv("OF_THIS_TEST", "seen")
    forked.use()
    manager, client = start_new_kernel(cwd=str(tmp_path))

    def run(code):
        told = []
        client.execute_interactive(code, output_hook=lambda m: told.append(m["content"].get("text", "")))
        return "".join(told)

    yield run, manager
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_it_has_torch_and_nothing_of_the_process_that_started_it(kernel, tmp_path):
    run, manager = kernel
    assert isinstance(manager.provisioner, forked.Forked)
    assert run(
        "import sys; print('torch' in sys.modules, {'lossviz', 'pytest', 'matplotlib'} & {*sys.modules})"
    ) == ("True set()\n")
    assert run(f"import os; print(os.getcwd(), {str(ROOT)!r} in sys.path, os.environ['OF_THIS_TEST'])") == (
        f"{tmp_path} False seen\n"
    )
    assert run("print(os.getpid() == os.getsid(0), os.environ['OMP_NUM_THREADS'])") == "True 1\n"
    assert int(run("print(os.getpid())")) != os.getpid()


def test_a_figure_is_shown_as_at_a_readers(kernel):
    run, _ = kernel
    run("import matplotlib.pyplot as plt")
    assert "inline" in run("print(plt.get_backend())")


def test_it_is_interrupted_killed_and_seen_to_be_dead(kernel):
    run, manager = kernel
    assert manager.is_alive()
    manager.interrupt_kernel()
    assert run("print(1)") == "1\n"
    manager.shutdown_kernel(now=True)
    assert not manager.is_alive()
