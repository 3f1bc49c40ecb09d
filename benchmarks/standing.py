"""How fast the daemon starts, and what it costs when nothing happens.

    python -m benchmarks.standing                  # five starts, then thirty idle seconds
    python -m benchmarks.standing --starts 1 --idle 300

The daemon is started with the shipped config.yaml, demo platform and all, on free ports and with
a store that is migrated already. Start: from the creation of its process until ``/healthz``
answers 200. Idle: the demo's week is over and nobody looks at a page. Linux only: the figures
come from ``/proc``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.support.running import ROOT, Daemon, Place, answers, eventually, free_port

TICKS = os.sysconf("SC_CLK_TCK")
WEEK_IN_SECONDS = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--idle", type=float, default=30)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(shipped(Path(folder)))
        try:
            daemon.start()
            time.sleep(12)  # the whole week happens, and is read
            daemon.stop()
            starts = [
                start(daemon, last=number == told.starts) for number in range(1, told.starts + 1)
            ]
            print(f"{told.starts} starts of a migrated store, load {os.getloadavg()[0]:.1f}")
            print(f"  until /healthz answers  {middle([wall for wall, _ in starts])} s")
            print(f"  CPU until then          {middle([cpu for _, cpu in starts])} s")
            eventually(daemon.is_ready, "the daemon to be ready")
            time.sleep(10)
            before, begun = cpu_seconds(daemon.pid), time.monotonic()
            time.sleep(told.idle)
            share = (cpu_seconds(daemon.pid) - before) / (time.monotonic() - begun)
            print(
                f"idle for {told.idle:.0f} s: {share:.1%} of one CPU, {memory(daemon.pid):.0f} MB"
            )
        finally:
            daemon.close()


def shipped(folder: Path) -> Place:
    """Copy the shipped configuration, with other ports and a week that is over at once."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    web, demo = free_port(), free_port()
    text = text.replace("8320", str(web)).replace("8321", str(demo))
    text = text.replace("speed: 600", f"speed: {WEEK_IN_SECONDS}")
    config = folder / "config.yaml"
    config.write_text(text, encoding="utf-8")
    return Place(config, web)


def start(daemon: Daemon, *, last: bool) -> tuple[float, float]:
    """Return the seconds, and the CPU seconds, that a start took."""
    begun = time.monotonic()
    daemon.start(wait=False)
    while not answers(daemon.place.port, "/healthz"):
        time.sleep(0.01)
    took, cpu = time.monotonic() - begun, cpu_seconds(daemon.pid)
    if not last:
        eventually(daemon.is_ready, "the daemon to be ready")
        daemon.stop()
    return took, cpu


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process, all its threads and the kernel's work for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> float:
    """Return the megabytes of a process that are in memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(pid)


def middle(numbers: list[float]) -> str:
    return f"{median(numbers):.2f}  ({min(numbers):.2f} to {max(numbers):.2f})"


if __name__ == "__main__":
    main()
