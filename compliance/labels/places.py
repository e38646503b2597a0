"""What the configuration says under [labels]: where evidence is kept, where videos are, how much is read at once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class LabelSettings(BaseModel):
    """The table `labels` of gate.toml."""

    model_config = ConfigDict(extra="forbid", strict=True)

    evidence: Annotated[str, Field(min_length=1)] | None = None
    """Folder of the evidence store; default: `labels` in the out folder."""
    media: Annotated[str, Field(min_length=1)] | None = None
    """Path of an episode's video with {title_id}, {episode_no} or {media_hash} in it, or a table of paths."""
    hash: Literal["sha256", "md5"] | None = None
    """What the catalog's media_hash is of the file; None: something else, and it is not compared."""
    workers: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Processes that read; default: one a processor."""
    seconds: Annotated[int, Field(ge=1, le=86_400)] = 300
    """So long a video may take."""
    most: Annotated[int, Field(ge=1, le=1_000_000)] = 20_000
    """So many episodes the job reads at one time."""
