"""Calculator and echo. A view that returns a dictionary answers with JSON."""

import operator

from flask import abort, request

from . import app

OPERATIONS = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}


# The converter int takes digits only; Flask answers 404 to everything else.
@app.get("/api/calc/<operation>/<int:a>/<int:b>")
def calculate(operation, a, b):
    if operation not in OPERATIONS:
        abort(404, f"There is no such operation; there are {', '.join(OPERATIONS)}.")
    if operation == "divide" and b == 0:
        abort(400, "Nothing can be divided by zero.")
    return {"result": OPERATIONS[operation](a, b)}


@app.post("/api/echo")
def echo():
    message = request.form["message"]
    repeat = int(request.form["repeat"])
    return {"echo": [message] * repeat}
