"""Begin here: it builds, it starts, and it answers GET /health."""

from flask import Flask

app = Flask(__name__)


@app.get("/health")
def health():
    return {"status": "ok"}


# TODO: the notes. The brief says what is asked for.
