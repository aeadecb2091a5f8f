"""Picture files of any kind, photographs of paper included, as networks are to see them."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from capsviz.data.framing import frame_image
from capsviz.data.ink import ink_from_image
from capsviz.data.pixels import reduced, rim_of
from capsviz.files import CapsvizError, one_line, read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PIXEL_LIMIT = 2**26  # of a picture; the largest phones make 50 million
_FILE_LIMIT = 2**27  # bytes
_LONGEST = 1024  # pixels kept of the longer side: a digit in a corner still has some hundred
_TOPS = (1, 255, 1023, 4095, 16_383, 65_535)  # white, in the bits that cameras use


def image_to_input(source: Path | bytes, size: int = 28, name: str = "the picture") -> Floats:
    """What a network of the given input size is to see of a picture.

    A picture of exactly size × size with a dark ground, like MNIST's, is taken as it is; any
    other is brought to ink and framed.

    Args:
        source: a picture file in any format that Pillow decodes, EPS apart, or what such a file
            holds; of animations the first picture.
        size: side of the network's images, pixels.
        name: what to call bytes in an error; a file is called by its path.

    Returns:
        (size, size) float32, 0 = ground … 1 = ink.

    Raises:
        CapsvizError: the file is no picture, is damaged, has more than `PIXEL_LIMIT` pixels,
            or shows no ink; names it.
    """
    if not isinstance(source, bytes):
        source, name = read_bytes(source, _FILE_LIMIT), str(source)
    grey = _read_grey(source, name)
    if grey.shape == (size, size) and _has_dark_ground(grey):
        return grey
    return frame_image(_ink_of(grey, name), size)


def count_pictures(source: Path | bytes) -> int:
    """How many pictures a file, or what such a file holds, has: of an animation, all its frames.

    What cannot be read counts as one, for whoever reads it to say what is wrong.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(source if not isinstance(source, bytes) else BytesIO(source)) as file:
                # a phone's MPO holds one photo and previews of it
                return 1 if file.format == "MPO" else int(getattr(file, "n_frames", 1))
    except Exception:  # Pillow's forty decoders raise whatever they meet
        return 1


def _has_dark_ground(grey: Floats) -> bool:
    return float(np.median(rim_of(grey))) < 0.1 and bool(grey.max() > 0.2)


def _ink_of(grey: Floats, name: str) -> Floats:
    ink = ink_from_image(grey)
    if not ink.any():
        raise CapsvizError(
            f"No ink was found in {name}: expected one digit that stands out from its ground; "
            "crop the picture or raise its contrast."
        )
    return ink


def _read_grey(content: bytes, name: str) -> Floats:
    """Brightness 0 … 1, transparency laid on the ground that its ink needs: (h, w) float32."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which does not touch the picture
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _brightness(_opened(content))
    except Exception as error:  # Pillow's forty decoders raise whatever they meet
        raise CapsvizError(
            f"Could not read {name} as a picture ({_told(error)}); expected a PNG, JPEG or "
            f"other image file of at most {PIXEL_LIMIT // 10**6} million pixels."
        ) from error


def _opened(content: bytes) -> Image.Image:
    Image.init()
    formats = [name for name in Image.OPEN if name != "EPS"]  # which would run Ghostscript
    picture = Image.open(BytesIO(content), formats=formats)
    width, height = picture.size
    if width * height > PIXEL_LIMIT:
        raise ValueError(f"it has {width} × {height} pixels")
    if picture.mode in ("L", "RGB"):
        picture.draft("L", (_LONGEST, _LONGEST))  # spares the decoding of a huge JPEG
    return ImageOps.exif_transpose(picture)


def _brightness(picture: Image.Image) -> Floats:
    """(h, w) 0 … 1; what shows through gets the ground that the ink needs."""
    if picture.mode[0] in "IF":  # 16 or 32 bits, which Pillow would clip to eight
        return reduced(_unit(np.asarray(picture, np.float32)), _LONGEST)
    factor = max(1, max(picture.size) // _LONGEST)  # in bytes: floats of it all are too many
    if not picture.has_transparency_data:
        return reduced(_unit(np.asarray(picture.convert("L").reduce(factor))), _LONGEST)
    layers = picture.convert("RGBA").reduce(factor).convert("LA")
    grey, opaque = (_unit(np.asarray(layers.getchannel(band))) for band in "LA")
    ground = np.float32((grey * opaque).sum() <= 0.5 * opaque.sum())
    return reduced(grey * opaque + ground * (1 - opaque), _LONGEST)


def _unit(values: NDArray[Any]) -> Floats:
    """Brightness 0 … 1 of bytes, or of wider numbers by the range they use."""
    if values.dtype == np.uint8:
        return values.astype(np.float32) / np.float32(255)
    if not np.isfinite(values).all():
        raise ValueError("it holds numbers that are not finite")
    top = next((limit for limit in _TOPS if values.max() <= limit), float(values.max()))
    scaled: Floats = np.clip(values / top, 0, 1, dtype=np.float32)
    return scaled


def _told(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "it is in no known format"  # Pillow would name the address of our buffer
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "it unpacks to so many pixels that it may be a decompression bomb"
    return one_line(error).rstrip(".")
