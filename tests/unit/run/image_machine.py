"""A machine whose images are a table: what is pulled or made is noted, and nothing is built."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from docker import errors

from grader.sandbox.engine import Engine
from grader.sandbox.images import layers
from grader.sandbox.images.layers import Layer
from grader.sandbox.images.recipes import Recipe
from grader.settings import Settings
from grader.testing import FakeApi, fake_engine


class ImageMachine:
    """An engine's images, with a registry that has every image or with none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, state: Path, *, registry: bool) -> None:
        self.images: dict[str, dict[str, Any]] = {}
        self.done: list[str] = []
        """What was pulled and made, in order."""
        self.settings = Settings.from_env({"GRADER_STATE": str(state)})
        self._registry = registry
        self.engine: Engine = fake_engine(
            FakeApi(inspect_image=self._inspect, pull=self._pull, tag=self._tag, images=[])
        )
        monkeypatch.setattr("grader.sandbox.images.acquire.bootstrap", self._bootstrap)
        monkeypatch.setattr(layers, "_build", self._build)
        monkeypatch.setattr("grader.sandbox.images.manifests.record", lambda *_, **__: None)

    def add(self, tag: str, labels: Mapping[str, str], **more: Any) -> None:
        """Have an image under `tag`."""
        config = {"Labels": dict(labels), "Env": more.pop("env", [])}
        self.images[_whole(tag)] = {"Id": f"sha256:{tag}", "Size": 7, "Config": config, **more}

    def _inspect(self, reference: str) -> dict[str, Any]:
        found = self.images.get(_whole(reference.removeprefix("sha256:")))
        if found is None:
            raise errors.ImageNotFound(reference)
        return found

    def _pull(self, repository: str, *, tag: str, **_: object) -> list[dict[str, Any]]:
        if not self._registry:
            msg = "dial tcp: lookup registry-1.docker.io: no such host"
            raise errors.APIError(msg, explanation=msg)
        reference = f"{repository}:{tag}"
        self.done.append(reference)
        self.add(reference, {}, RepoDigests=[f"{repository}@sha256:1"])
        return []

    def _bootstrap(
        self, engine: object, recipe: Recipe, labels: Mapping[str, str], progress: object
    ) -> None:
        self.done.append(recipe.tag)
        self.add(recipe.tag, labels, env=[f"{name}={value}" for name, value in recipe.env.items()])

    def _build(self, base: str, layer: Layer, digest: str) -> str:
        image = f"{layer.kind}-{digest}:of-{base.replace(':', '-')}"
        self.done.append(image)
        self.add(image, layers.labels_of(digest))
        return image

    def _tag(self, image: str, repository: str, version: str, **_: object) -> None:
        self.images[f"{repository}:{version}"] = self.images[_whole(image)]


def _whole(reference: str) -> str:
    return reference if ":" in reference.rpartition("/")[2] else f"{reference}:latest"
