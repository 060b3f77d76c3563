"""Installs Debian's chromium for the browser test where that is possible; else says why not."""

import os
import shutil
import subprocess
import sys


def main() -> int:
    """Return 0 always: without a browser the browser test is skipped and says so."""
    if shutil.which("chromium"):
        return 0
    if not shutil.which("apt-get"):
        print("browser test: no chromium and no apt-get on this machine; it will be skipped")
        return 0
    if os.geteuid() != 0:
        print("browser test: chromium is missing and installing it needs root; it will be skipped")
        return 0
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update"], check=False, env=environment, **quiet)
    install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
    done = subprocess.run(install, check=False, env=environment, **quiet)
    if done.returncode or not shutil.which("chromium"):
        print("browser test: chromium could not be installed; it will be skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
