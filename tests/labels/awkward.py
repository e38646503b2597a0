"""Video files as they come in the wild and are no plain clips."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from tests.labels.clips import Clip, Label, first_picture, write

NUMBER = "（番茄）网微剧备字（2026）第847205号"
_SHOWN = Label(NUMBER, size=26, outline=1)
_SMALL = Clip((_SHOWN,), 2.0, width=540, height=960, background="plain", subtitles=False)
_QUARTER_TURN = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
"""The matrix by which a phone says: turn this a quarter to the right."""


def empty(path: Path) -> None:
    path.write_bytes(b"")


def noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(1).bytes(200_000))


def cut_short(path: Path) -> None:
    """An upload that broke off: the index at the end is missing."""
    write(_SMALL, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _matroska(path: Path, *, sound_s: float) -> None:
    """Six seconds without a label, and sound; it says how long it lasts at its beginning."""
    source = write(replace(_SMALL, labels=(), seconds=6.0), path.with_suffix(".once.mp4"))
    with av.open(str(source)) as once, av.open(str(path), "w", format="matroska") as container:
        origin = once.streams.video[0]
        pictures, sound = container.add_stream_from_template(origin), container.add_stream("aac", rate=44_100)
        for packet in once.demux(origin):
            if packet.size:
                packet.stream = pictures
                container.mux(packet)
        for place in range(int(sound_s * 44_100 / 1024)):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.rate, frame.pts = 44_100, place * 1024
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    source.unlink()


def cut_short_matroska(path: Path) -> None:
    """Read to where it breaks off, it looks like a shorter whole."""
    _matroska(path, sound_s=6.0)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])


def sound_goes_on(path: Path) -> None:
    """After the last picture: nothing is missing."""
    _matroska(path, sound_s=12.0)


def damaged(path: Path) -> None:
    """The index is whole, the pictures are not."""
    write(_SMALL, path)
    whole = bytearray(path.read_bytes())
    at = whole.index(b"mdat") + 8
    end = whole.rindex(b"moov") - 4
    whole[at:end] = np.random.default_rng(2).bytes(end - at)
    path.write_bytes(bytes(whole))


def sound_only(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def ten_hours(path: Path) -> None:
    """One group of pictures, a frame a second, over and over; the number is shown throughout."""
    source = path.with_suffix(".once.mp4")
    write(Clip((_SHOWN,), 10.0, width=540, height=960, rate=1, background="plain", subtitles=False, gop=10), source)
    with av.open(str(source)) as once, av.open(str(path), "w") as container:
        origin = once.streams.video[0]
        stream = container.add_stream_from_template(origin)
        packets = [packet for packet in once.demux(origin) if packet.size]
        length = int(10 / origin.time_base)
        blobs = [(bytes(packet), packet.pts, packet.dts, packet.is_keyframe) for packet in packets]
        for turn in range(3600):
            for content, pts, dts, key in blobs:
                packet = av.Packet(content)
                packet.pts, packet.dts = pts + turn * length, dts + turn * length
                packet.time_base, packet.stream, packet.is_keyframe = origin.time_base, stream, key
                container.mux(packet)
    source.unlink()


def variable_rate(path: Path) -> None:
    write(Clip((_SHOWN,), 3.0, width=540, height=960, background="plain", variable_rate=True), path)


def one_frame(path: Path) -> None:
    """A title card that is one frame: it begins at 0.52 s, stays for 2.5 s, and no other frame refers to it."""
    begins, seconds = 13, 2.5
    shown, plain = (first_picture(clip) for clip in (_SMALL, replace(_SMALL, labels=())))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 540, 960, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 100)
        stream.options = {"preset": "veryfast", "bf": "3", "b_strategy": "0", "sc_threshold": "0"}
        for number in range(100):
            frame = av.VideoFrame.from_ndarray(shown if number == begins else plain, format="rgb24")
            frame.pts, frame.time_base = 4 * number + round(100 * seconds) * (number > begins), Fraction(1, 100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def turned(path: Path) -> None:
    """As a phone films upright: the frames lie on their side, and the track says so."""
    write(Clip((_SHOWN,), 2.0, width=540, height=960, background="plain", subtitles=False, rotation=90), path)
    whole = bytearray(path.read_bytes())
    at = whole.index(b"tkhd") + 4 + 40
    whole[at : at + 36] = struct.pack(">9i", *_QUARTER_TURN)
    path.write_bytes(bytes(whole))


def ten_bits(path: Path) -> None:
    """HDR: HEVC with ten bits a channel, BT.2020 and PQ."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=25)
        stream.width, stream.height, stream.pix_fmt = 540, 960, "yuv420p10le"
        stream.options = {
            "preset": "ultrafast",
            "x265-params": "log-level=error:pools=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
        }
        with av.open(str(write(_SMALL, path.with_suffix(".sdr.mp4")))) as plain:
            for number, frame in enumerate(plain.decode(video=0)):
                deep = frame.reformat(format="yuv420p10le")
                deep.pts, deep.time_base = number, Fraction(1, 25)
                container.mux(stream.encode(deep))
        container.mux(stream.encode(None))
    path.with_suffix(".sdr.mp4").unlink()


def encrypted(path: Path) -> None:
    """Common Encryption, as a packager for DRM writes it."""
    source = write(_SMALL, path.with_suffix(".clear.mp4"))
    options = {
        "encryption_scheme": "cenc-aes-ctr",
        "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
        "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
    }
    with av.open(str(source)) as clear, av.open(str(path), "w", format="mp4", options=options) as container:
        origin = clear.streams.video[0]
        stream = container.add_stream_from_template(origin)
        for packet in clear.demux(origin):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    source.unlink()


def no_words(path: Path) -> None:
    """A still of 16 × 16 pixels."""
    write(Clip((), 0.2, width=16, height=16, background="plain", subtitles=False), path)


def playlist(path: Path) -> None:
    """A few words that show another file's pictures."""
    write(_SMALL, path.with_suffix(".other.mp4"))
    path.write_text(f"ffconcat version 1.0\nfile {path.stem}.other.mp4\n", encoding="utf-8")


def still(path: Path) -> None:
    Image.new("RGB", (64, 64)).save(path, format="PNG")


FILES: Mapping[str, tuple[Callable[[Path], object], str, str | None]] = {
    "empty.mp4": (empty, "failed", "empty_file"),
    "noise.mp4": (noise, "failed", "corrupt"),
    "cut-short.mp4": (cut_short, "failed", "corrupt"),
    "cut-short.mkv": (cut_short_matroska, "failed", "corrupt"),
    "sound-goes-on.mkv": (sound_goes_on, "absent", "not_seen"),
    "damaged.mp4": (damaged, "failed", "corrupt"),
    "playlist.mp4": (playlist, "failed", "not_a_video"),
    "still.mp4": (still, "failed", "not_a_video"),
    "sound-only.mp4": (sound_only, "failed", "no_video_stream"),
    "encrypted.mp4": (encrypted, "failed", "encrypted"),
    "ten-hours.mp4": (ten_hours, "verified", None),
    "variable-rate.mp4": (variable_rate, "verified", None),
    "one-frame.mp4": (one_frame, "verified", None),
    "turned.mov": (turned, "verified", None),
    "ten-bits.mp4": (ten_bits, "verified", None),
    "tiny.mp4": (no_words, "absent", "not_seen"),
}
"""By name: how it is made, what comes of it, and the reason."""
