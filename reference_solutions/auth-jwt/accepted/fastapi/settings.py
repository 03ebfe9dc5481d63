"""What the environment says."""

import os

KEY = os.environ["JWT_SECRET"].encode()
ISSUER = os.environ["JWT_ISSUER"]
AUDIENCE = os.environ["JWT_AUDIENCE"]
ACCESS_SECONDS = int(os.environ["ACCESS_SECONDS"])
REFRESH_SECONDS = int(os.environ["REFRESH_SECONDS"])
ADMIN = os.environ["ADMIN_USERNAME"], os.environ["ADMIN_PASSWORD"]
DATABASE = {
    "host": os.environ["DB_HOST"],
    "port": int(os.environ["DB_PORT"]),
    "user": os.environ["DB_USER"],
    "password": os.environ["DB_PASSWORD"],
    "database": os.environ["DB_NAME"],
}
