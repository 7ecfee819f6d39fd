"""A contact's audio. In: a contact id. Out: the sound with tones where something is hidden, or its peaks.

Only from below the recordings folder, and only after it was transcribed: before, nobody knows what to hide.
The path comes from a switch and is hostile until `resolve` has said otherwise. May not know: transcripts, pages.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec
from aiohttp import web

from asr.analysis import decoded
from asr.beep import Beeper
from asr.faults import AudioFault
from asr.redact import MASK
from asr.transcript import Span
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
    NOT_HEARD = "not_transcribed_yet"
    """What must not be heard in it is not known."""


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


def hidden_spans(detail: ContactDetail) -> tuple[Span, ...] | RecordingRefused:
    """What a player must not give out: what the transcript says, and every word with a hidden character in it.

    Raises msgspec.DecodeError when the transcript's own list cannot be read.
    """
    if detail.recording is None or detail.recording.state != "done":
        return RecordingRefused.NOT_HEARD
    masked = (
        Span(channel=said.channel, start_ms=start, end_ms=end, kind="masked")
        for said in detail.utterances
        for text, start, end in zip(said.words, said.word_start_ms, said.word_end_ms, strict=False)
        if MASK in text
    )
    return (*decoded(detail.analysis).redacted, *masked)


async def _detail(request: web.Request) -> ContactDetail:
    history, contact = request.app[PARTS].history, request.match_info["contact"]
    details = await asked(history, ContactDetail, "contact_detail", contact=contact)
    if not details:
        raise web.HTTPNotFound(text="no such contact")
    return details[0]


async def _file(request: web.Request, detail: ContactDetail) -> Found:
    # In a thread: a recordings folder may be a slow network mount.
    found = await asyncio.to_thread(look, request.app[PARTS].recordings, told_path(detail))
    if isinstance(found, RecordingRefused):
        raise web.HTTPNotFound(text=found)
    return found


async def recording(request: web.Request) -> web.StreamResponse:
    """The file as it is where nothing is hidden in it, else a WAV with tones; both in ranges. 409: not known yet."""
    detail = await _detail(request)
    found = await _file(request, detail)
    spans = hidden_spans(detail)
    if isinstance(spans, RecordingRefused):
        return web.json_response({"reason": spans}, status=409)
    headers = {"Content-Type": TYPES[found.path.suffix.lower()], "Cache-Control": "private, no-store"}
    if not spans:
        return web.FileResponse(found.path, headers=headers)
    try:
        path = await request.app[BEEPER].rendered(found.path, spans)
    except AudioFault as fault:
        return web.json_response({"reason": fault.reason}, status=422)
    return web.FileResponse(path, headers=headers | {"Content-Type": "audio/wav"})


BEEPER = web.AppKey("beeper", Beeper)


async def beeping(app: web.Application) -> AsyncIterator[None]:
    """For `cleanup_ctx`: the renderings live as long as the application."""
    app[BEEPER] = beeper = Beeper()
    yield
    await beeper.close()


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
    found = await _file(request, await _detail(request))
    try:
        channels = await request.app[PEAKS].of(found, request.app[PARTS])
    except AudioFault as fault:
        return web.json_response({"reason": fault.reason}, status=422)
    return web.Response(body=msgspec.json.encode({"channels": channels}), content_type="application/json")
