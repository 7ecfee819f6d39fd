"""`python -m monitor.demo.switch`: the simulated switch on a port, or a capture of it in a folder.

Shell: reads arguments and the clock. Exit code 0 ok, 2 wrong arguments.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from pathlib import Path

from monitor import clock
from monitor.demo.switch.capture import write_capture
from monitor.demo.switch.centre import Centre, build, queues_conf
from monitor.demo.switch.recordings import NoDemoCalls, demo_calls_folder, read_calls
from monitor.demo.switch.server import AmiServer
from monitor.demo.switch.shifts import Dips
from monitor.demo.switch.sim import Sim, SimOptions
from streams.vocabulary.ids import Millis

_DIPS = Dips()
_CAPTURE_START = 1_795_312_800_000
"""2026-11-22T02:00:00Z, so that a capture of one seed is the same bytes on every day."""


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m monitor.demo.switch", description="A simulated Asterisk.")
    parser.add_argument("--agents", type=int, default=200, help="20 to 9999")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--speed", type=float, default=1.0, help="every duration is that much shorter, 0.1 to 60")
    parser.add_argument("--noise", type=float, default=0.3, help="share of the events nobody needs, 0 to 1")
    parser.add_argument("--opening", type=float, default=12, help="seconds in which a first rush fills the floor")
    parser.add_argument("--first-dip", type=float, default=_DIPS.first_s, help="seconds until the first service dip")
    parser.add_argument("--dip-every", type=float, default=_DIPS.every_s, help="seconds between dips; 0 = none")
    parser.add_argument("--dip-lasts", type=float, default=_DIPS.last_s)
    parser.add_argument("--recordings", type=Path, help="record into this folder")
    parser.add_argument("--recording-every", type=float, default=5, help="at most one per so many seconds")
    parser.add_argument("--calls", type=Path, help="folder of the FLAC calls; by default the package's own")
    parser.add_argument("--port", type=int, default=0, help="on loopback; 0 = any")
    parser.add_argument("--port-file", type=Path, help="written once the port is open")
    parser.add_argument("--conf-file", type=Path, help="write the centre's queues.conf here")
    parser.add_argument("--user", default="floorwatch")
    parser.add_argument("--secret", default="demo", help="of a switch that exists only on this machine")
    parser.add_argument("--secret-file", type=Path, help="holds the secret, so that no list of processes shows it")
    parser.add_argument("--write-timeout", type=float, default=5, help="seconds until a slow reader is dropped")
    parser.add_argument("--begin-at-once", action="store_true", help="do not wait for the first client")
    parser.add_argument("--capture", type=Path, help="write a capture folder and end")
    parser.add_argument("--minutes", type=float, default=30, help="virtual minutes of the capture")
    return parser


def _options(args: argparse.Namespace) -> SimOptions:
    recordings: Path | None = args.recordings
    folder: Path = args.calls or demo_calls_folder()
    return SimOptions(
        seed=args.seed,
        noise=args.noise,
        opening_s=args.opening,
        dips=Dips(first_s=args.first_dip, every_s=args.dip_every, last_s=args.dip_lasts),
        calls=read_calls(folder) if recordings else (),
        recordings_folder=str(recordings.resolve()) if recordings else "",
        recording_every_s=args.recording_every,
        keep_log=args.capture is not None,
    )


def main(argv: list[str] | None = None) -> int:
    args = _arguments().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        centre = build(args.agents, seed=args.seed, speed=args.speed)
        options = _options(args)
    except (ValueError, NoDemoCalls) as error:
        print(error, file=sys.stderr)
        return 2
    if args.capture is not None:
        # There is no cyclic garbage (measured: the same peak memory), and looking for it takes a tenth of the time.
        gc.disable()
        write_capture(Sim(centre, options, start=Millis(_CAPTURE_START)), args.capture, minutes=args.minutes)
        return 0
    asyncio.run(_serve(args, centre, options))
    return 0


async def _serve(args: argparse.Namespace, centre: Centre, options: SimOptions) -> None:
    server = AmiServer(
        lambda start: Sim(centre, options, start=start),
        clock.now,
        user=args.user,
        secret=args.secret_file.read_text("utf-8") if args.secret_file else args.secret,
        write_timeout_ms=round(args.write_timeout * 1000),
    )
    if args.conf_file:
        _write_whole(args.conf_file, queues_conf(centre))
    port = await server.listen(args.port)
    if args.begin_at_once:
        server.begin()
    if args.port_file:
        _write_whole(args.port_file, f"{port}\n")
    print(f"simulated switch: AMI on 127.0.0.1:{port}, {args.agents} agents", flush=True)
    running = asyncio.ensure_future(server.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _write_whole(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


if __name__ == "__main__":
    sys.exit(main())
