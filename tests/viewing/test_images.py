from __future__ import annotations

import base64
import io
from inspect import unwrap

import numpy as np
import pytest
from PIL import Image

from saccade.errors import StorageError, UserInputError
from saccade.viewing.images import data_uri, encode_image, image_size, media_type, save_png


@pytest.fixture
def picture() -> np.ndarray:
    y, x = np.mgrid[:40, :60]
    return np.stack([x * 4, y * 6, 255 - x * 4], axis=2).astype(np.uint8)


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_png_keeps_every_pixel(picture):
    np.testing.assert_array_equal(decoded(encode_image(picture, "png")), picture)


@pytest.mark.parametrize("form", ["jpeg", "webp"])
def test_lossy_forms_keep_the_picture_nearly(picture, form):
    data = encode_image(picture, form, quality=90)
    assert np.abs(decoded(data).astype(int) - picture).mean() < 6
    assert media_type(data) == f"image/{form}"
    assert image_size(data) == (60, 40)


def test_lower_quality_is_smaller(picture):
    noisy = picture ^ np.random.default_rng(0).integers(0, 32, picture.shape, dtype=np.uint8)
    assert len(encode_image(noisy, "webp", 30)) < len(encode_image(noisy, "webp", 90)) / 2


def test_data_uri_carries_the_same_bytes(picture):
    data = encode_image(picture, "png")
    head, _, body = data_uri(data).partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body) == data


def test_save_png_writes_pictures_and_bytes_alike(picture, tmp_path):
    save_png(tmp_path / "new" / "a.png", picture)
    save_png(tmp_path / "b.png", encode_image(picture, "png"))
    np.testing.assert_array_equal(decoded((tmp_path / "new" / "a.png").read_bytes()), picture)
    assert (tmp_path / "b.png").read_bytes() == (tmp_path / "new" / "a.png").read_bytes()
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.png", "b.png", "new"]


def test_a_refused_write_is_one_line_and_leaves_what_was_there(picture, tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(StorageError, match="could not be written"):
        save_png(tmp_path / "file" / "a.png", picture)
    assert (tmp_path / "file").read_text() == "kept"


def test_what_is_no_image_is_named(picture):
    with pytest.raises(UserInputError, match="PNG, JPEG or WebP"):
        media_type(b"GIF89a")
    with pytest.raises(UserInputError, match="png, jpeg, webp"):
        unwrap(encode_image)(picture, "gif")
    with pytest.raises(UserInputError, match="float"):
        unwrap(encode_image)(picture / 255)
