"""announce ROOM TEXT"""
import json
import os
import sys
from datetime import datetime, timezone

import redis

from rules import ROOM, SAY, wrong_with

if len(sys.argv) != 3 or not ROOM.fullmatch(sys.argv[1]):
    sys.exit(print("usage: announce ROOM TEXT", file=sys.stderr) or 2)
room, text = sys.argv[1:]
if wrong_with(text):
    sys.exit(print(wrong_with(text), file=sys.stderr) or 2)
now = datetime.now(timezone.utc).isoformat()
message = {"name": "system", "text": text, "sent_at": now}
redis.Redis.from_url(os.environ["REDIS_URL"]).eval(SAY, 1, room, json.dumps(message))
