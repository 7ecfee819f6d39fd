"""A contact's audio. In: a contact id. Out: the file, or its peaks; only from below the recordings folder.

The path comes from a switch and is hostile until `resolve` has said otherwise. May not know: transcripts, pages.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec
from aiohttp import web

from asr.faults import AudioFault
from monitor.api.history import asked
from monitor.api.parts import PARTS, Parts
from monitor.safe_path import PathRefused, below
from streams.warehouse.contacts import ContactDetail

TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
}
PEAKS_KEPT = 256


class RecordingRefused(StrEnum):
    NONE = "no_recording"
    OUTSIDE = "outside_the_recordings_folder"
    MISSING = "file_is_gone"
    NOT_AUDIO = "not_an_audio_file"


def resolve(folder: Path, told: str) -> Path | RecordingRefused:
    """The file a switch spoke of, links followed, or why it is not served."""
    if not told or "\0" in told:
        return RecordingRefused.NONE
    try:
        path = below(folder, told)
    except PathRefused:
        return RecordingRefused.OUTSIDE
    if path.suffix.lower() not in TYPES:
        return RecordingRefused.NOT_AUDIO
    return path if path.is_file() else RecordingRefused.MISSING


def told_path(detail: ContactDetail) -> str:
    """The ledger's path if there is one, else what a leg says."""
    if detail.recording is not None and detail.recording.path:
        return detail.recording.path
    return next((leg.recording for leg in detail.legs if leg.recording), "")


@dataclass(frozen=True, slots=True)
class Found:
    path: Path
    changed_ns: int


def look(folder: Path, told: str) -> Found | RecordingRefused:
    path = resolve(folder, told)
    return path if isinstance(path, RecordingRefused) else Found(path, path.stat().st_mtime_ns)


async def _file(request: web.Request) -> Found:
    parts = request.app[PARTS]
    details = await asked(parts.history, ContactDetail, "contact_detail", contact=request.match_info["contact"])
    if not details:
        raise web.HTTPNotFound(text="no such contact")
    # In a thread: a recordings folder may be a slow network mount.
    found = await asyncio.to_thread(look, parts.recordings, told_path(details[0]))
    if isinstance(found, RecordingRefused):
        raise web.HTTPNotFound(text=found)
    return found


async def recording(request: web.Request) -> web.StreamResponse:
    path = (await _file(request)).path
    headers = {"Content-Type": TYPES[path.suffix.lower()], "Cache-Control": "private, no-store"}
    return web.FileResponse(path, headers=headers)


class PeaksKept:
    """Peaks cost a decode (0.2 s); the last `PEAKS_KEPT` files are remembered by path and time of change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Found, Sequence[Sequence[int]]] = OrderedDict()

    async def of(self, found: Found, parts: Parts) -> Sequence[Sequence[int]]:
        """Raises AudioFault; a file that failed is tried again at the next look."""
        kept = self._kept.get(found)
        if kept is None:
            kept = self._kept[found] = await parts.peaks(found.path)
            while len(self._kept) > PEAKS_KEPT:
                self._kept.popitem(last=False)
        return kept


PEAKS = web.AppKey("peaks", PeaksKept)


async def peaks(request: web.Request) -> web.Response:
    """Per channel a list of 0..255; 422 with the reason for a file that cannot be decoded."""
    found = await _file(request)
    try:
        channels = await request.app[PEAKS].of(found, request.app[PARTS])
    except AudioFault as fault:
        return web.json_response({"reason": fault.reason}, status=422)
    return web.Response(body=msgspec.json.encode({"channels": channels}), content_type="application/json")
