"""Pictures of any kind, photographs of paper included, brought to ink on bare ground."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError
from PIL.Image import Resampling

from capsviz.data.framing import frame_image
from capsviz.files import CapsvizError, one_line, read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PIXEL_LIMIT = 2**26  # of a picture; the largest phones make 50 million
_FILE_LIMIT = 2**27  # bytes
_LONGEST = 1024  # pixels kept of the longer side: a digit in a corner still has some hundred
_COARSE = 64  # pixels of the longer side when looking for the ground
_FAINTEST = 0.08  # contrast of ink to ground, of the full range, that is still ink
_QUIETEST = 5.0  # the same in standard deviations of the ground's noise
_NEAR = 2.5  # median deviations; the ground grows by what lies so near its surface
_TWO_CLASSES = 0.85  # of the variance explained; an even slope of light reaches 0.75
_DUST = 0.08  # ink around a pixel, on average, under which it is dust
_TOPS = (1, 255, 1023, 4095, 16_383, 65_535)  # white, in the bits that cameras use


def read_image(path: Path) -> Floats:
    """The ink of a picture file, whatever its ground and light.

    Args:
        path: in any format that Pillow decodes, EPS apart; of animations the first picture.

    Returns:
        (h, w) float32, 0 = ground … 1 = ink; large pictures are reduced to 1024 pixels.

    Raises:
        CapsvizError: the file is no picture, is damaged, has more than `PIXEL_LIMIT` pixels,
            or shows no ink; names it.
    """
    name = str(path)
    return _ink_of(_read_grey(read_bytes(path, _FILE_LIMIT), name), name)


def image_to_input(source: Path | bytes, size: int = 28, name: str = "the picture") -> Floats:
    """What a network of the given input size is to see of a picture.

    A picture of exactly size × size with a dark ground, like MNIST's, is taken as it is; any
    other is brought to ink and framed.

    Args:
        source: a file as `read_image` takes it, or what such a file holds.
        size: side of the network's images, pixels.
        name: what to call bytes in an error; a file is called by its path.

    Returns:
        (size, size) float32, 0 = ground … 1 = ink.

    Raises:
        CapsvizError: as `read_image`.
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


def ink_from_image(grey: NDArray[np.float32]) -> Floats:
    """Tell ink from ground, dark on light or light on dark, under uneven light.

    Args:
        grey: (h, w) brightness, 0 … 1.

    Returns:
        (h, w) float32, 0 = ground … 1 = ink. Zeros if there is no ink.
    """
    ground = _ground(grey)
    if _ink_is_light(grey - ground):
        grey, ground = 1 - grey, 1 - ground
    return _without_dust(_stretched(ground - grey, np.maximum(ground, np.float32(0.05))))


def _otsu(grey: Floats) -> tuple[float, float]:
    """The threshold that parts two classes best, and the variance it explains, 0 … 1.

    N. Otsu, A threshold selection method from gray-level histograms, 1979.
    """
    counts, edges = np.histogram(grey, 64)
    values = (edges[:-1] + edges[1:]) / 2
    below, moment = np.cumsum(counts) / grey.size, np.cumsum(counts * values) / grey.size
    mean = moment[-1]
    between = (mean * below - moment) ** 2 / np.maximum(below * (1 - below), 1e-9)
    total = float(counts @ (values - mean) ** 2) / grey.size
    best = int(between.argmax())
    return float(edges[best + 1]), float(between[best]) / max(total, 1e-9)


def _ground(grey: Floats) -> Floats:
    """A quadratic surface of brightness through the ground, grown from a part of it."""
    small = _reduced(grey, _COARSE)
    terms, values = _terms(*small.shape), small.ravel()
    within = _surely_ground(small).ravel()
    for count in (1, 3, 6, 6, 6):  # a part of the ground cannot tell how the whole curves
        weights = np.linalg.lstsq(terms[within, :count], values[within], rcond=None)[0]
        rest = np.abs(values - terms[:, :count] @ weights)
        within = rest <= max(_NEAR * float(np.median(rest[within])), 0.02)
    return _surface(weights.astype(np.float32), *grey.shape)


def _surely_ground(grey: Floats) -> NDArray[np.bool_]:
    """Of two clear classes of brightness the one that holds most of the rim, else the rim.

    A bold digit cropped to its box fills half of the rim; a slope of light makes no classes.
    """
    threshold, parted = _otsu(grey)
    bright: NDArray[np.bool_] = grey > threshold
    if parted >= _TWO_CLASSES:
        return bright if np.mean(_rim(bright)) > 0.5 else ~bright
    rim = np.ones(grey.shape, bool)
    margin = max(1, min(grey.shape) // 10)
    rim[margin:-margin, margin:-margin] = False
    return rim


def _terms(height: int, width: int) -> Floats:
    """1, x, y, x², xy, y² of each pixel, x and y from -1 to 1: (height · width, 6)."""
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack((np.ones_like(x), x, y, x * x, x * y, y * y), axis=-1)
    return terms.reshape(-1, 6).astype(np.float32)


def _surface(weights: Floats, height: int, width: int) -> Floats:
    """The weighted sum of `_terms` as a picture, without a term's worth of memory each."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)
    mean, slope_x, slope_y, bend_x, twist, bend_y = weights
    across = mean + (slope_x + bend_x * x) * x
    surface: Floats = across + (slope_y + twist * x + bend_y * y) * y
    return surface


def _ink_is_light(rest: Floats) -> bool:
    """Ink is the rarer tail of the brightness around the ground."""
    return float((rest * rest * rest).mean()) > 0


def _stretched(rest: Floats, ground: Floats) -> Floats:
    """Ground and its noise to 0, the typical ink to 1; zeros where nothing stands out."""
    lighter = -rest[rest < 0]  # is ground only, and as far off 0 as the darker half of it
    noise = 1.48 * min(float(np.median(side)) for side in (lighter, np.abs(rest)) if side.size)
    ink = rest > np.maximum(_QUIETEST * noise, _FAINTEST * ground)
    if not ink.any():
        return np.zeros_like(rest)
    depth = (rest - 2.5 * noise) / ground  # a part of the light, so that shade does not fade it
    full = float(np.percentile(depth[ink], 70))
    stretched: Floats = np.clip((depth / full - 0.06) / 0.94, 0, 1, dtype=np.float32)
    return stretched


def _without_dust(ink: Floats) -> Floats:
    radius = max(ink.shape) // 80
    if radius < 2:
        return ink
    picture = ImageOps.expand(Image.fromarray((ink * 255).astype(np.uint8)), radius)
    around = np.asarray(ImageOps.crop(picture.filter(ImageFilter.BoxBlur(radius)), radius))
    return np.where(around >= _DUST * 255, ink, np.float32(0))


def _reduced(grey: Floats, longest: int) -> Floats:
    """At most `longest` pixels a side, by averaging."""
    picture = Image.fromarray(grey)
    scale = min(1.0, longest / max(grey.shape))
    sides = tuple(max(1, round(side * scale)) for side in picture.size)
    return np.asarray(picture.resize((sides[0], sides[1]), Resampling.BOX), np.float32)


def _rim(image: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate((image[0], image[-1], image[:, 0], image[:, -1]))


def _has_dark_ground(grey: Floats) -> bool:
    return float(np.median(_rim(grey))) < 0.1 and bool(grey.max() > 0.2)


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
        return _reduced(_unit(np.asarray(picture, np.float32)), _LONGEST)
    factor = max(1, max(picture.size) // _LONGEST)  # in bytes: floats of it all are too many
    if not picture.has_transparency_data:
        return _reduced(_unit(np.asarray(picture.convert("L").reduce(factor))), _LONGEST)
    layers = picture.convert("RGBA").reduce(factor).convert("LA")
    grey, opaque = (_unit(np.asarray(layers.getchannel(band))) for band in "LA")
    ground = np.float32((grey * opaque).sum() <= 0.5 * opaque.sum())
    return _reduced(grey * opaque + ground * (1 - opaque), _LONGEST)


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
