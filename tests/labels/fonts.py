"""Where a font with Chinese characters is, for the clips that labels are read from."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_KNOWN = ("NotoSansCJK-Regular", "NotoSansCJK", "NotoSansSC", "SourceHanSans", "wqy", "NotoSerifCJK")


def find_font(*, serif: bool = False) -> Path | None:
    """A font with simplified Chinese characters, or None. GATE_CJK_FONT names one."""
    if named := os.environ.get("GATE_CJK_FONT"):
        return Path(named)
    if shutil.which("fc-list") is None:
        return None
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "file"], check=True, capture_output=True, text=True).stdout
    files = sorted(Path(line.split(":")[0]) for line in listed.splitlines() if line.strip())
    wanted = ("NotoSerifCJK-Regular", *_KNOWN) if serif else _KNOWN
    return next((file for name in wanted for file in files if name in file.name), files[0] if files else None)
