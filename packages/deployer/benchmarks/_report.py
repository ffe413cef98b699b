"""What was measured, as tables for people and as JSON; and whether our deployer reached its figures."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from _calls import Call
from _chain import Chain, slowest
from _measure import Usage
from _rivals import Deployer

OURS = "deployer"
UNCHANGED_SECONDS = 3.0
CHAIN_RATIO = 1.5
FUNCTIONS = 6


@dataclass(frozen=True)
class Deploy:
    """One deploy: its process, the calls that the endpoint saw, and the functions that were touched."""

    usage: Usage
    calls: tuple[Call, ...]
    touched: tuple[str, ...]

    @property
    def mutating(self) -> list[Call]:
        return [call for call in self.calls if call.mutating]

    @property
    def chain(self) -> Chain:
        return slowest(self.calls)

    @property
    def before_calls(self) -> float:
        """Seconds until the first call: start-up, imports, reading the build."""
        return min(call.began for call in self.calls) - self.usage.began

    @property
    def calling(self) -> float:
        """Seconds from the first call to the end of the last one."""
        return max(call.ended for call in self.calls) - min(call.began for call in self.calls)


@dataclass
class Run:
    """The three deploys of one deployer to one fresh endpoint; or why it failed."""

    deployer: str
    latency: int
    deploys: dict[str, Deploy] = field(default_factory=dict)
    failed: str = ""

    def add(self, name: str, usage: Usage, calls: Sequence[Call], touched: Sequence[str]) -> None:
        self.deploys[name] = Deploy(usage, tuple(calls), tuple(touched))


def print_tables(runs: Sequence[Run], chosen: Sequence[Deployer]) -> None:
    """A table per latency, the notes, our figures, and where our time goes."""
    for latency in dict.fromkeys(run.latency for run in runs):
        _print_table([run for run in runs if run.latency == latency], chosen, latency)
    for deployer in chosen:
        for note in deployer.notes:
            print(f"{deployer.name}: {note}")
    print(f"load of the machine in the last minute {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    for line in (*_where_time_goes(runs), *figures(runs)):
        print(line)


def _print_table(runs: Sequence[Run], chosen: Sequence[Deployer], latency: int) -> None:
    added = f"{latency} ms added to each call; " if latency else ""
    print(f"\n{added}seconds: median (min to max)")
    print(
        f"{'':28} {'first deploy':>20} {'unchanged':>20} {'changes':>8} {'one function':>20} {'touched':>8}"
        f" {'peak MB':>8} {'cpu s':>6}"
    )
    for deployer in chosen:
        mine = [run for run in runs if run.deployer == deployer.name]
        title = f"{deployer.name} ({deployer.version})"
        broken = next((run.failed for run in mine if run.failed), "")
        print(f"{title:28} failed: {broken}" if broken else f"{title:28} {_row(mine)}")


def _row(runs: Sequence[Run]) -> str:
    times = [
        _span([run.deploys[name].usage.seconds for run in runs]) for name in ("first", "unchanged", "changed")
    ]
    calls = max(len(run.deploys["unchanged"].mutating) for run in runs)
    touched = max(len(run.deploys["changed"].touched) for run in runs)
    peak = max(deploy.usage.peak_mb for run in runs for deploy in run.deploys.values())
    processor = median(run.deploys["first"].usage.processor for run in runs)
    return (
        f"{times[0]:>20} {times[1]:>20} {calls:>8} {times[2]:>20} {f'{touched} of {FUNCTIONS}':>8}"
        f" {peak:8.0f} {processor:6.1f}"
    )


def _span(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _ours(runs: Iterable[Run], latency: int | None = None) -> list[Run]:
    return [
        run
        for run in runs
        if run.deployer == OURS and not run.failed and (latency is None or run.latency == latency)
    ]


def _where_time_goes(runs: Sequence[Run]) -> Iterable[str]:
    for latency in dict.fromkeys(run.latency for run in _ours(runs)):
        for name in ("first", "unchanged"):
            mine = [run.deploys[name] for run in _ours(runs, latency)]
            until, calling = median(x.before_calls for x in mine), median(x.calling for x in mine)
            after = median(x.usage.seconds - x.before_calls - x.calling for x in mine)
            yield (
                f"{OURS}, {latency} ms, {name}: {until:.2f} s until the first call, {calling:.2f} s with "
                f"{len(mine[0].calls)} calls ({len(mine[0].mutating)} mutating), {after:.2f} s after the last"
            )


def figures(runs: Sequence[Run]) -> list[str]:
    """Our figures, each met or missed; none where ours was not measured."""
    plain = _ours(runs, 0)
    if not plain:
        return [f"{run.deployer} failed: missed" for run in runs if run.deployer == OURS and run.failed]
    seconds = median(run.deploys["unchanged"].usage.seconds for run in plain)
    calls = max(len(run.deploys["unchanged"].mutating) for run in _ours(runs))
    touched = Counter(len(run.deploys["changed"].touched) for run in _ours(runs))
    return [
        f"unchanged deploy {seconds:.2f} s, target under {UNCHANGED_SECONDS:.0f} s: "
        f"{_verdict(seconds < UNCHANGED_SECONDS)}",
        f"unchanged deploy {calls} mutating calls, target 0: {_verdict(calls == 0)}",
        f"one changed function touches {max(touched)}, target 1: {_verdict(set(touched) == {1})}",
        *_chains(runs),
    ]


def _chains(runs: Sequence[Run]) -> Iterable[str]:
    """The first deploy against the slowest chain of its calls, at each latency."""
    for latency in dict.fromkeys(run.latency for run in _ours(runs)):
        firsts = [run.deploys["first"] for run in _ours(runs, latency)]
        chain = median(first.chain.seconds for first in firsts)
        whole = median(first.usage.seconds / first.chain.seconds for first in firsts)
        calling = median(first.calling / first.chain.seconds for first in firsts)
        spent = median(first.calling for first in firsts)
        took, calls = median(first.usage.seconds for first in firsts), len(firsts[0].chain.calls)
        yield (
            f"first deploy, {latency} ms: slowest chain {chain:.2f} s of {calls} calls; first to last call {spent:.2f} s, "
            f"{calling:.2f} times as long (process with start-up {took:.2f} s, {whole:.2f} times), "
            f"target {CHAIN_RATIO}: {_verdict(calling <= CHAIN_RATIO)}"
        )


def _verdict(met: bool) -> str:
    return "met" if met else "missed"


def failed_figures(runs: Sequence[Run]) -> list[str]:
    """The figures that were missed."""
    return [line for line in figures(runs) if line.endswith("missed")]


def write_json(runs: Sequence[Run], path: Path) -> None:
    """Everything that was measured; of our first deploys also the slowest chain."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"runs": [_plain(run) for run in runs], "figures": figures(runs)}
    path.write_text(f"{json.dumps(whole, indent=1)}\n", encoding="utf-8")


def _plain(run: Run) -> dict[str, Any]:
    deploys = {name: _plain_deploy(deploy, run.deployer == OURS) for name, deploy in run.deploys.items()}
    return {"deployer": run.deployer, "latency_ms": run.latency, "failed": run.failed, "deploys": deploys}


def _plain_deploy(deploy: Deploy, whole: bool) -> dict[str, Any]:
    found: dict[str, Any] = {**asdict(deploy.usage), "calls": len(deploy.calls), "touched": deploy.touched}
    found["mutating"] = Counter(str(call) for call in deploy.mutating)
    if whole:
        start = deploy.usage.began
        found |= {
            "chain": _plain_calls(deploy.chain.calls, start),
            "sequence": _plain_calls(deploy.calls, start),
        }
    return found


def _plain_calls(calls: Iterable[Call], start: float) -> list[dict[str, Any]]:
    return [
        {"call": str(call), "at": round(call.began - start, 4), "seconds": round(call.seconds, 4)}
        for call in sorted(calls, key=lambda call: call.began)
    ]
