"""Charges with the payment provider; a request whose answer is lost is sent again, and charges once."""
import http.client
import json
import os
import time
import urllib.error
import urllib.request

KEY = os.environ["PAYMENTS_KEY"]


def ask(path, body=None, key=""):
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    request = urllib.request.Request(os.environ["PAYMENTS_URL"] + path, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def check():
    if ask("/v1/account") != 200:
        raise SystemExit("The payment provider refuses PAYMENTS_KEY.")


def charge(number, amount):
    body = json.dumps({"amount": amount, "currency": "eur", "metadata": {"order": number}}).encode()
    for pause in (0.1, 0.2, 0):
        try:
            return ask("/v1/charges", body, f"order-{number}")
        except (OSError, http.client.HTTPException):
            time.sleep(pause)
    return 503
