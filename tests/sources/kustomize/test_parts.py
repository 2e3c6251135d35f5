"""The small questions behind the origins of built objects: names and images."""

from typing import Any

import pytest

from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.sources.kustomize import fields
from kubectl_meshfix.sources.kustomize.chains import final_name, name_before
from kubectl_meshfix.sources.kustomize.kustomization import Kustomization

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("entry", "image", "made"),
    [
        ({"name": "cart"}, "cart", True),
        ({"name": "cart"}, "cart:1", True),
        ({"name": "cart"}, "cart@sha256:0", True),
        ({"name": "cart"}, "carts:1", False),
        ({"name": "cart"}, "shop/cart:1", False),
        ({"name": "cart", "newName": "shop/cart"}, "shop/cart:1", True),
        ({"name": "cart", "newName": "shop/cart"}, "cart:1", False),
        ({"name": "cart", "newTag": "2"}, "cart:2", True),
        ({"name": "cart", "newTag": "2"}, "cart:1", False),
        ({"name": "cart", "newTag": "2"}, "cart", False),
        ({"name": "cart", "digest": "sha256:0"}, "cart@sha256:0", True),
        ({"name": "cart", "digest": "sha256:0"}, "cart@sha256:1", False),
        ({"name": "cart", "newTag": "2", "digest": "sha256:0"}, "cart@sha256:0", True),
        ({"name": "cart", "newTag": ""}, "cart:1", True),
        ({"name": "cart", "newTag": "2", "digest": "sha256:0"}, "cart:2", True),
        ({"name": "cart", "newTag": "2", "digest": "sha256:0"}, "cart:1", False),
        ({}, "cart", False),
        ({"name": ""}, ":1", False),
    ],
)
def test_an_entry_of_images_made_what_has_its_name_and_tag(entry: Json, image: str, made: bool) -> None:
    """With the new name, the new tag or the digest where it gives one."""
    assert fields._image(entry, image) is made


def kustomization(text: str) -> Kustomization:
    """A kustomization."""
    return Kustomization(folder="x", file="x/kustomization.yaml", text=text, document=read(text).documents[0])


def test_prefixes_and_suffixes_are_put_around_from_the_base_up() -> None:
    """The base's own are the innermost; a namespace's name is not touched, and a field without a value is none."""
    overlay, base = kustomization("namePrefix: prod-\nnameSuffix: -x\n"), kustomization("namePrefix: base-\nnameSuffix:\n")

    assert final_name("cart", "Service", (overlay, base)) == "prod-base-cart-x"
    assert final_name("cart", "Namespace", (overlay, base)) == "cart"
    assert name_before("prod-base-cart-x", "Service", overlay) == "base-cart"
    assert name_before("cart", "Service", base) == "cart"
    assert name_before("prod-base-cart-x", "Namespace", overlay) == "prod-base-cart-x"
