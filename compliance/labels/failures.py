"""Why a video could not be read."""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """The reasons, as they are recorded."""

    NO_FILE = "no_file"
    EMPTY = "empty_file"
    NOT_A_VIDEO = "not_a_video"
    """A playlist, a picture or another kind of file that holds no video of its own."""
    NO_VIDEO = "no_video_stream"
    NO_FRAMES = "no_frames"
    CODEC = "unknown_codec"
    CORRUPT = "corrupt"
    ENCRYPTED = "encrypted"
    OTHER_MEDIA = "other_media"
    """The file is not the one that the catalog's hash is of."""
    CHANGED = "file_changed"
    """While it was read, so that nobody can say which file the reading is of."""
    TOO_LONG = "took_too_long"
    CRASHED = "reader_crashed"


class UnreadableVideo(Exception):  # noqa: N818 - the word of the domain
    """A video that cannot be read, and why."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure, self.detail = failure, detail
