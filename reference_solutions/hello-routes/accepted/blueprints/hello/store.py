"""What the app remembers, in the memory of its one process."""

from threading import Lock


class Taken(Exception):
    """Somebody else has that name."""


class Store:
    def __init__(self):
        self.users = {"ada": "Wrote the first program."}
        self.notes = {}
        self._last_id = 0
        self._lock = Lock()

    def add_user(self, name, about):
        with self._lock:
            if name in self.users:
                raise Taken
            self.users[name] = about

    def add_note(self, text):
        with self._lock:
            self._last_id += 1
            note = self.notes[self._last_id] = {"id": self._last_id, "text": text}
        return note
