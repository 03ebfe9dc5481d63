"""Rejected: a list of the process is no database."""

kept = []


def init():
    pass


def add(text):
    kept.append(text)
    return len(kept)


def newest():
    return [{"id": number, "text": text} for number, text in enumerate(kept, 1)][:-51:-1]


def find(note_id):
    return {"id": note_id, "text": kept[note_id - 1]} if 0 < note_id <= len(kept) else None
