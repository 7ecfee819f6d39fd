"""`floorwatch demo`: a whole service over a simulated switch. In: a data folder, options. Out: an address, a summary.

The demo writes a real floorwatch.toml and starts the real service with it; only the switch is simulated, and it is
heard through a real AMI connection. May not know: what the services do inside.
"""

import asyncio
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
from rich.console import Console

from alerts.defaults import DEFAULT_RULES
from monitor import clock, places
from monitor.api.history import HistoryUnavailable
from monitor.config import Config
from monitor.config_read import load_config
from monitor.demo.switch.centre import Centre, build
from monitor.demo.switch.centre import queues_conf as centre_conf
from monitor.history_client import HistoryClient
from monitor.supervise import Kept, Program, keeping, programs, until_stopped
from streams.bus.embedded import embedded_bus

READY_TIMEOUT_S: Final = 120.0
SETTLE_S: Final = 4.0
"""After the switch has stopped: the last facts reach the warehouse within a batch's second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    data: Path
    port: int = 8080
    seats: int = 200
    speed: float = 1.0
    seconds: float | None = None
    processes: int = 1


class DemoFault(Exception):
    """The demo cannot start; the text names the mend."""


async def run_demo(options: DemoOptions, console: Console) -> int:
    """Exit code 0, or 1 if a process failed on the way or nobody could tell what came of it."""
    _check_port(options.port)
    console.print(f"data in {options.data}, logs in {options.data / 'log'}", style="dim", markup=False)
    async with embedded_bus(_folder(options.data) / "valkey"):
        # Only now is the folder ours: another demo's configuration must not be written over while it runs.
        config, file, switch = prepare(options)
        return await _run(options, console, config, [switch, *programs(config, file)])


async def _run(options: DemoOptions, console: Console, config: Config, wanted: list[Program]) -> int:
    async with keeping(wanted) as kept:
        address = f"http://{config.web.host}:{config.web.port}/"
        with console.status("starting: embedded stores, floor, recogniser …"):
            await _until_ready(address, kept)
        console.print(f"[bold green]Floorwatch demo[/bold green]  {address}floor   (stop with Ctrl+C)")
        console.print("no log-in yet: the demo listens on this machine only")
        began = clock.now()
        await until_stopped(seconds=options.seconds)
        summary = await _summary(config, since=began - 86_400_000)
        failures = [one for one in kept if one.exit_codes]
    if isinstance(summary, str):
        console.print(f"no summary: {summary}", markup=False, soft_wrap=True)
    else:
        console.print(" ".join(f"{name}={value}" for name, value in summary.items()), highlight=False, soft_wrap=True)
    for one in failures:
        told = f"{one.program.name} ended unasked: exit codes {one.exit_codes}; see {one.program.log_to}"
        console.print(told, style="red", markup=False, soft_wrap=True)
    return 1 if failures or isinstance(summary, str) else 0


def _folder(data: Path) -> Path:
    """The data folder, made. Raises DemoFault."""
    try:
        (data / "recordings").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoFault(f"{data} cannot be a data folder ({error.strerror}): choose another with --data") from error
    return data.resolve()


def prepare(options: DemoOptions) -> tuple[Config, Path, Program]:
    """The data folder made ready: configuration, recordings folder, the switch's command line."""
    data = _folder(options.data)
    centre = build(agents=options.seats, seed=7, speed=options.speed)
    switch_port = _free_port()
    secret = secrets.token_urlsafe(12)
    secret_file = data / "switch.secret"
    secret_file.touch(mode=0o600, exist_ok=True)
    secret_file.chmod(0o600)
    secret_file.write_text(secret, encoding="utf-8")
    file = data / "floorwatch.toml"
    file.touch(mode=0o600)
    file.chmod(0o600)  # it holds a secret, and may be there from before with another mode
    queues_conf = data / "queues.conf"
    queues_conf.write_text(centre_conf(centre), encoding="utf-8")
    (data / "alerts.toml").write_text(DEFAULT_RULES, encoding="utf-8")
    file.write_text(_toml(options, centre, switch_port=switch_port, secret=secret), encoding="utf-8")
    config = load_config(file)
    switch = Program(
        name="switch",
        arguments=(
            *(sys.executable, "-m", "monitor.demo.switch", "--port", str(switch_port)),
            *("--secret-file", str(secret_file)),
            *("--agents", str(options.seats), "--speed", str(options.speed), "--seed", str(clock.now() % 100_000)),
            *("--recordings", str(data / "recordings"), "--conf-file", str(queues_conf)),
            *("--first-dip", "8", "--dip-lasts", "35", "--dip-every", "240"),
        ),
        log_to=places.log_file(config, "switch"),
    )
    return config, file, switch


def _toml(options: DemoOptions, centre: Centre, *, switch_port: int, secret: str) -> str:
    queues = "".join(
        f'[queues.{queue.name}]\nname_zh = "{queue.zh}"\nname_en = "{queue.en}"\n\n' for queue in centre.queues
    )
    return f"""# Written by `floorwatch demo`; made anew at each start.
[site]
id = "demo"
name = "演示中心 Demo centre"
timezone = "Asia/Shanghai"
seats = {options.seats}

[store]
data = "."

[web]
host = "127.0.0.1"
port = {options.port}

[[source]]
kind = "asterisk"
id = "switch"
host = "127.0.0.1"
port = {switch_port}
username = "floorwatch"
secret = "{secret}"
queues_conf = "queues.conf"

{queues}[recordings]
folder = "recordings"
agent_channel = "left"

[recogniser]
processes = {options.processes}

[alerts]
rules = "alerts.toml"            # the rules every configuration has that writes none

[[alerts.rule]]                  # and one so quick that a short visit sees it fire and resolve; no centre wants it
kind = "service_level"
name = "service-level"
label_zh = "服务水平低"
label_en = "Service level low"
severity = "warning"
window_minutes = 1
fire_below = 80
clear_above = 80
hold_s = 10
keep_firing_s = 10
min_sample = 5
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoFault(f"port {port} is in use: choose another with --port") from error


async def _until_ready(address: str, kept: list[Kept]) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        deadline = clock.monotonic_ms() + READY_TIMEOUT_S * 1000
        while clock.monotonic_ms() < deadline:
            if gone := next((one for one in kept if len(one.exit_codes) >= 3), None):
                raise DemoFault(f"{gone.program.name} does not start: see {gone.program.log_to}")
            try:
                async with session.get(f"{address}readyz") as response:
                    if response.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.2)
    raise DemoFault(f"not ready after {READY_TIMEOUT_S:g} s: see the logs of {', '.join(k.program.name for k in kept)}")


async def _summary(config: Config, *, since: int) -> Mapping[str, Any] | str:
    """What the warehouse holds, counted once each; or why nobody can tell."""
    client = HistoryClient(places.history_socket(config))
    until = clock.now() + 1
    try:
        await asyncio.sleep(SETTLE_S)
        tables = {row["table"]: row["rows"] for row in await client.ask("table_counts")}
        queued = await client.sql("SELECT uniqExact(contact) FROM events WHERE kind = 'contact_queued'")
        ledger = await client.ask("recordings_ledger", since=since, until=until)
        alerts = await client.ask("alerts_list", since=since, until=until)
    except HistoryUnavailable as error:
        return error.reason
    finally:
        await client.close()
    fired = [one for one in alerts if one["reason"] != "cleared_before_hold" and one["state"] in ("firing", "resolved")]
    return {
        "events": tables.get("events"),
        "contacts": queued["rows"][0][0],
        "transcripts": sum(int(str(row["recordings"])) for row in ledger if row["state"] == "done"),
        "scores": tables.get("scores"),
        "alerts_fired": len(fired),
        "alerts_resolved": sum(one["state"] == "resolved" for one in fired),
    }
