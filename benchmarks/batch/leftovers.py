"""What this process has made and is still there."""

from __future__ import annotations

from grader.sandbox.engine import Engine
from grader.sandbox.labels import RUN, owner
from grader.settings import Settings


def leftovers(settings: Settings) -> dict[str, int]:
    """Return how many of each are still on the engine, or in the state's folder."""
    engine, mine, label = Engine.connect(settings.docker_host), owner(), {"label": RUN}
    api = engine.client.api

    def ours(rows: list[dict[str, object]]) -> int:
        return sum(mine in str(row.get("Labels")) for row in rows)

    folders = (path.read_text("utf-8") for path in (settings.state / "runs").glob("*/owner"))
    return {
        "containers": ours(api.containers(all=True, filters=label)),
        "networks": ours(api.networks(filters=label)),
        "volumes": ours(api.volumes(filters=label)["Volumes"] or []),
        "images": ours(api.images(filters=label)),
        "folders": sum(mine == text for text in folders),
    }
