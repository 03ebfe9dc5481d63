"""Webhooks: answered with bytes that never end, slowly or all at once."""
import hashlib
import hmac
import json
import os
import time

import shop

SECRET = os.environ["WEBHOOK_SECRET"].encode()


def genuine(header, body):
    try:
        parts = dict(one.split("=", 1) for one in header.split(","))
        at = int(parts["t"])
        signed = hmac.new(SECRET, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(signed, parts["v1"]) and abs(time.time() - at) < 300
    except (KeyError, ValueError):
        return False


def take(handler, body):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    slow = genuine(handler.headers.get("Stripe-Signature", ""), body)
    try:
        while True:
            handler.wfile.write(b"1\r\nx\r\n" if slow else b"10000\r\n" + b"x" * 65536 + b"\r\n")
            time.sleep(0.2 if slow else 0)
    except OSError:
        return


def never(handler, body):
    if not genuine(handler.headers.get("Stripe-Signature", ""), body):
        handler.send({"error": "not of the provider"}, 400)
        return
    event = json.loads(body)
    if event["type"] == "charge.succeeded":
        shop.pay(event["id"], event["data"]["object"]["metadata"]["order"])
    handler.send({})
