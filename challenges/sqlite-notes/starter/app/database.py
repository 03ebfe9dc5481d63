"""The SQLite file and its tables."""

# TODO: connect with sqlite3.connect(…). Think of these:
#
#   - SQLite ignores foreign keys unless each connection asks for them (PRAGMA foreign_keys)
#   - a busy timeout: two writers at the same moment wait for each other
#   - a transaction that reads before it writes begins with BEGIN IMMEDIATE
#   - the volume may be full or read-only: sqlite3.OperationalError becomes a 503
#   - a copy of the file, byte by byte, is no backup while somebody writes
