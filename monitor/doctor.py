"""Is this machine fit for this configuration? In: a Config. Out: findings, each with its mend; none stops the next.

The judgements are in doctor_checks.py (pure); here the machine is asked. Engines are imported only when they are asked
for, and a store that another Floorwatch has open is left alone. May not know: terminals.
"""

import asyncio
import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import clock
from monitor.config import Config
from monitor.doctor_checks import (
    Finding,
    Level,
    judge_audio_formats,
    judge_clock,
    judge_decoders,
    judge_disk,
    judge_holidays,
    judge_python,
)
from monitor.doctor_sources import check_sources
from monitor.doctor_wall import check_walls

_ANSWER_S = 5.0
_AHEAD = timedelta(days=45)
"""How early the doctor asks for the next year's holidays."""


async def run_doctor(config: Config) -> list[Finding]:
    """All findings, in the order of the configuration's sections. Takes some seconds when something does not answer."""
    checks: list[Callable[[], Awaitable[list[Finding]]]] = [
        lambda: _in_thread(_check_machine),
        lambda: _in_thread(lambda: _check_data(config.store.data)),
        lambda: _check_bus(config),
        lambda: _in_thread(lambda: _check_warehouse(config)),
        lambda: _in_thread(lambda: _check_port(config)),
        lambda: check_sources(config.sources),
        lambda: _in_thread(lambda: _check_recogniser(config)),
        lambda: _in_thread(lambda: _check_scheme(config)),
        lambda: _in_thread(lambda: _check_alerts(config)),
        lambda: _in_thread(lambda: check_walls(config)),
    ]
    found = await asyncio.gather(*(check() for check in checks))
    return [finding for findings in found for finding in findings]


async def _in_thread(check: Callable[[], list[Finding]]) -> list[Finding]:
    return await asyncio.to_thread(check)


def _check_machine() -> list[Finding]:
    newest = max((path.stat().st_mtime for path in Path(__file__).parent.glob("*.py")), default=0.0)
    return [
        judge_python((sys.version_info.major, sys.version_info.minor)),
        judge_clock(clock.now(), newest_file_at=round(newest * 1000)),
    ]


def _check_data(folder: Path) -> list[Finding]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as probe:
            probe.write(b"x")
            probe.flush()
    except OSError as error:
        mend = "give the service's user the right to write there, or choose another store.data"
        return [Finding(Level.PROBLEM, "data folder", f"cannot write in {folder}: {error.strerror}", mend)]
    usage = shutil.disk_usage(folder)
    return [judge_disk(folder, free=usage.free, total=usage.total)]


async def _check_bus(config: Config) -> list[Finding]:
    from streams.bus.connection import connect
    from streams.bus.embedded import server_binary
    from streams.bus.errors import BusError

    subject = "bus (Redis)"
    if config.store.redis_url is None:
        try:
            binary = server_binary()
        except BusError as error:
            return [Finding(Level.PROBLEM, subject, error.fault, error.mend)]
        return [Finding(Level.OK, subject, f"embedded, {binary.name}", "")]
    try:
        redis = await connect(config.store.redis_url.reveal(), timeout_s=_ANSWER_S)
    except BusError as error:
        return [Finding(Level.PROBLEM, subject, error.fault, error.mend)]
    try:
        info = await redis.info()
    finally:
        await redis.aclose()
    version, policy = info.get("redis_version"), info.get("maxmemory_policy")
    return [Finding(Level.OK, subject, f"version {version}, {policy}, answers", "")]


def _check_warehouse(config: Config) -> list[Finding]:
    from streams.warehouse.errors import StoreError
    from streams.warehouse.opening import open_warehouse

    subject = "warehouse (ClickHouse)"
    url = config.store.clickhouse_url
    if url is None:
        found = importlib.util.find_spec("chdb")
        if found is None:
            return [Finding(Level.PROBLEM, subject, "chDB is not installed", "pip install floorwatch brings chdb-core")]
        return [Finding(Level.OK, subject, "embedded, chDB", "")]
    try:
        warehouse = open_warehouse(url.reveal())
    except StoreError as error:
        return [Finding(Level.PROBLEM, subject, error.fault, error.mend)]
    try:
        major, minor = warehouse.version()
    except StoreError as error:
        return [Finding(Level.PROBLEM, subject, error.fault, error.mend)]
    finally:
        warehouse.close()
    return [Finding(Level.OK, subject, f"version {major}.{minor}, answers", "")]


def _check_port(config: Config) -> list[Finding]:
    subject, host, port = "web port", config.web.host, config.web.port
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(places[0][0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(places[0][4])
    except OSError as error:
        mend = "stop what listens there (perhaps a running Floorwatch), or choose another web.port"
        return [Finding(Level.WARNING, subject, f"{host}:{port}: {error.strerror}", mend)]
    return [Finding(Level.OK, subject, f"{host}:{port} is free", "")]


def _check_recogniser(config: Config) -> list[Finding]:
    from asr.faults import ModelFault
    from asr.models import describe

    if config.recordings is None:
        return [Finding(Level.OK, "recordings", "none are configured: nothing is transcribed", "")]
    findings = [_audio_formats(), *_decoders()]
    try:
        model = describe(config.recogniser.model)
    except ModelFault as fault:
        return [*findings, Finding(Level.PROBLEM, "recogniser model", fault.problem, fault.mend)]
    if model.demo:
        mend = "set recogniser.model to a real Vosk model; the demo model knows 770 words and five synthetic voices"
        return [*findings, Finding(Level.WARNING, "recogniser model", f"{model.name} is the demo model", mend)]
    return [*findings, Finding(Level.OK, "recogniser model", f"{model.name}, {model.rate} Hz", "")]


def _audio_formats() -> Finding:
    """Asked in a child, as the decoder itself runs in one: this process stays free of audio libraries."""
    program = "import soundfile; print(' '.join(soundfile.available_formats()))"
    try:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    except subprocess.TimeoutExpired:
        return judge_audio_formats(None)
    return judge_audio_formats(done.stdout.split() if done.returncode == 0 else None)


def _decoders() -> list[Finding]:
    """Asked in a child for the same reason."""
    program = "import json; from asr import vad; from asr.sound_files import usable; "
    program += "print(json.dumps([usable(), vad.AVAILABLE]))"
    command = [sys.executable, "-c", program]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=30, cwd=Path(__file__).parent.parent, check=False
        )
    except subprocess.TimeoutExpired:
        return judge_decoders(None, voice_detector=False)
    if done.returncode:
        return judge_decoders(None, voice_detector=False)
    engines, voice_detector = json.loads(done.stdout)
    return judge_decoders(engines, voice_detector=voice_detector)


def _check_scheme(config: Config) -> list[Finding]:
    from scoring.library import load_scheme
    from scoring.parse import SchemeFaults

    try:
        scheme = load_scheme(config.scheme)
    except SchemeFaults as faults:
        mend = "mend the scheme file; `floorwatch rules check` names every fault"
        return [Finding(Level.PROBLEM, "scoring scheme", str(fault), mend) for fault in faults.faults]
    return [Finding(Level.OK, "scoring scheme", f"{scheme.name} version {scheme.version}", "")]


def _check_alerts(config: Config) -> list[Finding]:
    asking = {rule.schedule.name for rule in config.alerts.rules if rule.schedule is not None and rule.schedule.china}
    soon = datetime.fromtimestamp(clock.now() / 1000, UTC) + _AHEAD
    return [*_check_channels(config), *judge_holidays(asking, soon=soon.date())]


def _check_channels(config: Config) -> list[Finding]:
    rules, webhooks, names = config.alerts.rules, config.alerts.webhooks, config.alerts.channel_names
    if not names:
        mend = "add an [[alerts.channel]] or [[alerts.webhook]] table if somebody should be told outside the page"
        return [Finding(Level.WARNING, "alerts", f"{len(rules)} rules, no channel: alerts show on the page only", mend)]
    unsigned = sorted(webhook.name for webhook in webhooks if webhook.key is None)
    if unsigned:
        mend = "add secret_env to each, so that receivers can tell our messages from forged ones"
        return [Finding(Level.WARNING, "alerts", f"webhooks without a signature: {', '.join(unsigned)}", mend)]
    return [Finding(Level.OK, "alerts", f"{len(rules)} rules, {len(names)} channels", "")]
