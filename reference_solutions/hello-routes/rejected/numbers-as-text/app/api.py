"""Calculator and echo. A view that returns a dictionary answers with JSON."""

import operator

from flask import abort

from . import app, checks

OPERATIONS = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}


@app.get("/api/calc/<operation>/<a>/<b>")
def calculate(operation, a, b):
    a, b = int(a), int(b)
    if operation not in OPERATIONS:
        abort(404, f"There is no such operation; there are {', '.join(OPERATIONS)}.")
    if operation == "divide" and b == 0:
        abort(400, "Nothing can be divided by zero.")
    return {"result": OPERATIONS[operation](a, b)}


@app.post("/api/echo")
def echo():
    body = checks.json_object()
    message = checks.text(body, "message", longest=200)
    repeat = checks.whole_number(body, "repeat", lowest=1, highest=10)
    return {"echo": [message] * repeat}
