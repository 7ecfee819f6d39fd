"""What a file is by its bytes, whatever its name says. In: the first bytes, a name. Out: a format's word, notes.

Bytes of no known form are refused before any decoder may guess: a guess at noise gives plausible wrong words.
May not know: files, decoders.
"""

HEAD_BYTES = 4_096

FORMATS: dict[str, tuple[str, ...]] = {
    "wav": (".wav", ".wave", ".wav49", ".rf64"),
    "flac": (".flac",),
    "ogg": (".ogg", ".oga", ".opus", ".spx"),
    "mp3": (".mp3",),
    "amr": (".amr", ".3ga"),
    "aiff": (".aif", ".aiff", ".aifc"),
    "au": (".au", ".snd"),
    "caf": (".caf",),
    "w64": (".w64",),
    "mp4": (".mp4", ".m4a", ".3gp", ".mov", ".3g2"),
    "matroska": (".mkv", ".mka", ".webm"),
    "asf": (".wma", ".asf", ".wmv"),
    "aac": (".aac",),
    "avi": (".avi",),
}
"""The suffixes that go with each; any other suffix says nothing."""

_OF_SUFFIX = {suffix: name for name, suffixes in FORMATS.items() for suffix in suffixes}
_MAGIC = (
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"#!AMR", "amr"),
    (0, b".snd", "au"),
    (0, b"caff", "caf"),
    (0, b"riff", "w64"),
    (0, b"RF64", "wav"),
    (0, b"RIFX", "wav"),
    (4, b"ftyp", "mp4"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"ID3", "mp3"),
)
_FORMS = {(b"RIFF", b"WAVE"): "wav", (b"RIFF", b"AVI "): "avi", (b"FORM", b"AIFF"): "aiff", (b"FORM", b"AIFC"): "aiff"}
_KBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""MPEG audio layer III, by whether it is MPEG-1."""
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def format_of(head: bytes) -> str | None:
    """None: no form we know. Headerless samples are of no form: nothing in them tells rate or coding."""
    if (name := _FORMS.get((head[:4], head[8:12]))) is not None:
        return name
    for offset, magic, found in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return found
    if _mpeg_frames(head):
        return "mp3"
    return "aac" if _adts_frames(head) else None


def named_otherwise(name: str, found: str) -> bool:
    """Whether the file's suffix promises another format than its bytes hold."""
    _, dot, suffix = name.rpartition(".")
    promised = _OF_SUFFIX.get(dot + suffix.lower())
    return promised is not None and promised != found


def _mpeg_frames(head: bytes) -> bool:
    """Two layer III frames one behind the other: one header alone turns up in noise."""
    length = _mpeg_length(head)
    return length is not None and _mpeg_length(head[length:]) is not None


def _mpeg_length(head: bytes) -> int | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    slots = 144_000 if version == 3 else 72_000
    return slots * _KBITS[version == 3][bitrate] // _RATES[version][rate] + (head[2] >> 1 & 1)


def _adts_frames(head: bytes) -> bool:
    def length(at: int) -> int:
        if len(head) < at + 6 or head[at] != 0xFF or head[at + 1] & 0xF6 != 0xF0:
            return 0
        return (head[at + 3] & 3) << 11 | head[at + 4] << 3 | head[at + 5] >> 5

    first = length(0)
    return first > 7 and length(first) > 7
