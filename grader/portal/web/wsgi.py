"""What gunicorn loads: the app, as the environment says."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from grader.portal.care.caretaker import Caretaker
from grader.portal.care.mail_server import mail_server
from grader.portal.data.address import DATABASE, PASSWORD_FILE, database_address
from grader.portal.openid.settings import sign_in_settings
from grader.portal.rules.retention import VARIABLE, read_keep
from grader.portal.web.app import PortalApp, create_app
from grader.portal.web.config import PortalConfig
from grader.portal.web.state import NAME, WebState

FOLDER = "GRADER_PORTAL_FOLDER"
BLOBS = "GRADER_PORTAL_BLOBS"
HTTPS = "GRADER_PORTAL_HTTPS"
STREAMS = "GRADER_PORTAL_STREAMS"
PROCESSES = "WEB_CONCURRENCY"
"""How many processes gunicorn starts; it reads this variable, too."""


def environment(
    *, database: str, folder: Path, https: bool, streams: int, processes: int = 1
) -> dict[str, str]:
    """Return the variables by which `app`, and a worker alongside it, find everything."""
    return {
        DATABASE: database,
        PASSWORD_FILE: "",  # it is in the address
        FOLDER: str(folder),
        BLOBS: str(folder / "blobs"),
        HTTPS: "1" if https else "0",
        STREAMS: str(streams),
        PROCESSES: str(processes),
    }


def app() -> PortalApp:
    """Return the app, with a caretaker alongside it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    config = PortalConfig(
        database=database_address(os.environ),
        folder=Path(os.environ[FOLDER]),
        https=os.environ.get(HTTPS) == "1",
        streams=int(os.environ.get(STREAMS, "40")),
        processes=int(os.environ.get(PROCESSES, "1")),
        mail=mail_server(os.environ),
        keep=read_keep(os.environ.get(VARIABLE, "")),
        sign_in=sign_in_settings(os.environ),
    )
    made = create_app(config)
    shared: WebState = made.extensions[NAME]
    Caretaker(shared.database, shared.store, config.keep, config.mail).start()
    return made
