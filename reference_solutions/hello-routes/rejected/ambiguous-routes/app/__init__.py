"""A small site with pages and a JSON API."""

import os

from flask import Flask

app = Flask(__name__)
app.config["API_TOKEN"] = os.environ["API_TOKEN"]
app.config["ALLOWED_ORIGIN"] = os.environ["ALLOWED_ORIGIN"]


@app.get("/health")
def health():
    return {"status": "ok"}


# Importing these modules adds their routes to the app, so it has to be there already.
from . import api, errors, headers, notes, pages, users  # noqa: E402, F401
