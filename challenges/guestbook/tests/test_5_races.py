"""Requests at the same moment, about one name."""

import pytest

TRIES = 3
WRITERS = 12
AUTHORS = 8


@pytest.mark.criterion("race.author")
def test_one_new_name_has_one_author(app, book):
    """Twelve entries at the same moment; the next try has another name."""
    for _ in range(TRIES):
        name = book.name()
        forms = [book.valid(name=name) for _ in range(WRITERS)]
        replies = app.together([lambda form=form: book.send(form) for form in forms])
        for reply in replies:
            if reply.status not in (302, 303):
                reply.fail(
                    f"Of {WRITERS} entries by one new name at once each should be saved; "
                    f"this one was answered with {reply.status}."
                )
        ids = book.ids_of(name)
        if len(ids) != 1:
            replies[-1].fail(
                f"{WRITERS} entries by one new name at once have made {len(ids)} authors."
            )
        saved = {one.message for one in book.of(ids[0])}
        if saved != {form["message"] for form in forms}:
            replies[-1].fail(
                f"Of {WRITERS} entries at the same moment {len(saved)} stand under the author."
            )


@pytest.mark.criterion("race.rename")
def test_one_name_goes_to_one_author(app, book):
    """The others are refused, and keep theirs."""
    groups = [[book.name() for _ in range(AUTHORS)] for _ in range(TRIES)]
    ids = [[book.author(name) for name in names] for names in groups]
    for names, authors in zip(groups, ids, strict=True):
        wanted = book.name()
        book.refresh()
        replies = app.together(
            [lambda one=one, new=wanted: book.rename(one, new, app) for one in authors]
        )
        for reply in replies:
            if reply.status not in (302, 303, 409):
                reply.fail(
                    f"Of {AUTHORS} who are to get one name at the same moment one gets it, and the "
                    f"others get 409; this was {reply.status}."
                )
        given = [one.status != 409 for one in replies]
        now = [book.name_of(author) for author in authors]
        if now != [wanted if got else name for got, name in zip(given, names, strict=True)]:
            replies[-1].fail("Who was answered with 409 has the name, or the other way round.")
        if sum(given) != 1:
            replies[-1].fail(f"{sum(given)} of {AUTHORS} authors have got the same name.")
