"""How many statements a request needs, and whether that grows with what it shows."""

from contextlib import suppress

import pytest

from grader.exam.faults import Mismatch

MORE, MOST = 5, 20
"""Statements that the longer answer may need more, and that any may need."""
LOOKS = 3
"""A connection that is opened meanwhile costs statements of its own; the fewest count."""


class Counts:
    """Statements of each list, short and long; measured once, looked at when it is asked for."""

    def __init__(self, app, db, blog):
        self._app = app
        self._db = db
        self._blog = blog
        self._authors = blog.users(200)
        self._slugs = blog.posts(self._authors)
        self._few, self._many = blog.post(), blog.post()
        blog.comments(self._few, self._authors[:3])
        blog.comments(self._many, self._authors[:60])
        self._known = {}

    def posts(self):
        """Of GET /posts, by the number of posts on the page."""
        return self._once("posts", self._of_posts)

    def comments(self):
        """Of GET /posts/{slug}, by the number of comments."""
        return self._once("comments", self._of_comments)

    def tags(self):
        """Of GET /tags, by the number of tags that have come in addition."""
        return self._once("tags", self._of_tags)

    def _once(self, name, measure):
        if name not in self._known:
            self._known[name] = measure()
        return self._known[name]

    def _of_posts(self):
        return {size: self._fewest(f"/posts?limit={size}", "items", size) for size in (5, 50, 200)}

    def _of_comments(self):
        return {
            size: self._fewest(f"/posts/{post.slug}", "comments", size)
            for post, size in ((self._few, 3), (self._many, 60))
        }

    def _of_tags(self):
        before = self._fewest("/tags")
        for slug in self._slugs[-12:]:
            tags = [self._blog.tag() for _ in range(5)]
            reply = self._app.put(f"/posts/{slug}/tags", json={"tags": tags})
            if not 200 <= reply.status < 300:
                reply.fail(f"Tags that are right were answered with {reply.status}.")
        return {0: before, 60: self._fewest("/tags")}

    def _fewest(self, path, name="", size=0):
        """The fewest statements for a GET, which has to show what there is."""
        found = []
        for look in range(LOOKS + 1):
            with self._db.queries() as counted:
                reply = self._app.get(path)
            shown = reply.expect(200).json(dict, labelled=False).get(name) if name else []
            if name and (not isinstance(shown, list) or len(shown) != size):
                reply.fail(f"`{name}` should be a list of {size}.")
            if look:  # the first one may open connections
                found.append(counted.count)
        return min(found)


@pytest.fixture
def counts(app, db, blog, past):
    """What was counted, once for all tests."""
    if past.counts is None:
        past.counts = Counts(app, db, blog)
        with suppress(Mismatch):  # before a downgrade changes slugs; whose test it is says more
            past.counts.comments()
    return past.counts


def require_few(counted, what):
    """Fail where statements grow with what is shown, or are many anyhow."""
    few = min(counted)
    for size, count in counted.items():
        if count > counted[few] + MORE:
            pytest.fail(
                f"{what.format(size)} needs {count} statements of MySQL, {what.format(few)} needs "
                f"{counted[few]}: it asks again for each. {MORE} more at most should do."
            )
        assert count <= MOST, f"{what.format(size)} needs {count} statements; {MOST} should do."


@pytest.mark.criterion("queries.list")
def test_a_page_of_many_posts_needs_few_statements(counts):
    """For 5, 50 and 200 posts, each by another author."""
    require_few(counts.posts(), "GET /posts with {} posts")


@pytest.mark.criterion("queries.tags")
def test_many_tags_need_few_statements(counts):
    """60 more of them."""
    require_few(counts.tags(), "GET /tags with {} tags more")


@pytest.mark.criterion("queries.post")
def test_many_comments_need_few_statements(counts):
    """60 of them, by as many users."""
    require_few(counts.comments(), "GET /posts/{{slug}} with {} comments")
