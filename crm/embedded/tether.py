"""Run a program that ends when the process that started it dies: `tether.py PROGRAM ARGUMENT …` (Linux).

A supervisor that is killed cannot stop its programs, and they would keep the port. Run as a file of
its own, so that nothing else is imported before the program takes over.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(sys.argv[1], sys.argv[1:])
