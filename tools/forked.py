"""Kernels for tests, forked from a process that has imported torch: once for each worker.

The standard library's fork server has one thread and does nothing but import, so that what is forked is as
fresh as a new process. What ties a kernel to its frontend, as Matplotlib does, the notebook imports itself.
"""

import multiprocessing
import os
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

ROOT = Path(__file__).resolve().parents[1]
IMPORTED = ["torch", "tools.forked"]  # this module, for ipykernel


def use() -> None:
    """Fork the kernels that this process starts from now on, on Linux: elsewhere it is not safe."""
    if sys.platform == "linux":
        factory = KernelProvisionerFactory.instance()
        factory.provisioners["forked"] = EntryPoint("forked", "tools.forked:Forked", factory.GROUP_NAME)
        factory.default_provisioner_name = "forked"


class Forked(LocalProvisioner):
    """Starts a kernel in a fork, and ends it as any other."""

    async def launch_kernel(
        self, cmd: list[str], *, env: dict[str, str], cwd: str | None = None, **_
    ) -> dict:
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(IMPORTED)
        process = server.Process(target=run, args=(cmd[cmd.index("-f") :], env, cwd), daemon=True)
        process.start()
        self.process, self.pid, self.pgid = Process(process), process.pid, process.pid
        return self.connection_info


class Process:
    """What a provisioner asks a subprocess.Popen for."""

    stdin = stdout = stderr = None

    def __init__(self, process: multiprocessing.Process) -> None:
        self.process = process
        self.kill, self.terminate = process.kill, process.terminate

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self) -> int | None:
        self.process.join()
        return self.process.exitcode

    def send_signal(self, signum: int) -> None:
        os.kill(self.process.pid, signum)


def run(arguments: list[str], env: dict[str, str], cwd: str | None) -> None:
    """The kernel, in the fork: a session of its own, as a new process would have."""
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd or ".")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    sys.argv = ["ipykernel_launcher", *arguments]
    named = env.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = [path for path in sys.path if path in named or path not in ("", str(ROOT))]  # pytest's
    np.random.seed()
    IPKernelApp.launch_instance()
