"""Users, posts and comments: made, read, listed, refused."""

import pytest
from conftest import UNKNOWN, is_count


@pytest.mark.criterion("users.works")
def test_a_user_is_made_and_read(app, blog, draw):
    """With the name to the letter."""
    odd = [case.value for case in draw.edge_names() if len(case.value) <= 50]
    for name in (blog.name(), *odd, "é" * 50):
        reply = app.post("/users", json={"name": name})
        if not 200 <= reply.status < 300:
            reply.fail(f"A user with this name should be made, not answered with {reply.status}.")
        number = reply.json(dict, labelled=False).get("id")
        if not is_count(number):
            reply.fail("A new user should have an `id` that is a whole number.")
        if not blog.count("users", id=number, name=name):
            reply.fail("The table users has no row with this id and this name.")
        read = app.get(f"/users/{number}").expect(200).json(dict, labelled=False)
        assert (read.get("id"), read.get("name")) == (number, name), (
            "GET /users/{id} answers with another user than was made."
        )


@pytest.mark.criterion("users.works")
def test_a_user_needs_a_name(app, blog, refused):
    """Of 1 to 50 characters."""
    before = blog.count("users")
    for name in ("", "   ", "é" * 51, 5, None, ["x"], True):
        what = f"The name {str(name)[:20]!r}"
        refused(app.post("/users", json={"name": name}), 400, what)
    refused(app.post("/users", json={}), 400, "A user without a name")
    assert blog.count("users") == before, "A user was refused, and saved nevertheless."


@pytest.mark.criterion("posts.create")
def test_a_post_is_saved(blog, draw):
    """To the letter, with the present moment; nothing is made of what has no name here."""
    for changed in (
        {}, {"title": "é" * 120, "body": "🐢" * 10_000, "slug": "a" * 80},
        {"title": " ' \" 100% <b> \\ ", "body": f"{draw.unicode()}\n  x\n", "slug": "1-a-2"},
        {"id": 3, "created_at": "2001-01-01", "comment_count": 7},
    ):  # fmt: skip
        values = blog.valid(**changed)
        values["slug"] = f"{blog.slug()}-{values['slug']}"[:80]
        reply = blog.send(values)
        if not 200 <= reply.status < 300:
            reply.fail(f"This post is right, and was answered with {reply.status}.")
        found = blog.db.rows(
            "SELECT author_id, title, body, slug, "
            "ABS(TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP())) AS off "
            "FROM posts WHERE slug = %s",
            [values["slug"]],
        )
        if len(found) != 1:
            reply.fail(f"The table posts has {len(found)} rows with the slug of this post.")
        for name in ("author_id", "title", "body"):
            if found[0][name] != values[name]:
                reply.fail(f"In the table posts, {name} is {str(found[0][name])[:80]!r}.")
        if found[0]["off"] > 86_400:  # whichever zone the app is in
            reply.fail("In the table posts, created_at should be the present moment.")


@pytest.mark.criterion("posts.create")
def test_a_new_post_is_answered(app, blog):
    """201 with the whole post, and where it is."""
    values = blog.valid()
    reply = blog.send(values).expect(201)
    found = reply.json(dict)
    for name in ("slug", "title", "body"):
        if found.get(name) != values[name]:
            reply.fail(f"`{name}` of the new post should be as it was sent.")
    number = blog.db.value("SELECT id FROM posts WHERE slug = %s", [values["slug"]])
    if found.get("id") != number or found.get("comments") != [] or found.get("tags") != []:
        reply.fail("A new post should have its `id`, and `tags` and `comments`, which are empty.")
    if app.path_of(reply.headers.get("Location", "")) != f"/posts/{values['slug']}":
        reply.fail("Location should lead to /posts/ and the slug.")


BAD = {
    "title": ("", " \n ", "é" * 121, 5, None, True, ["x"]),
    "body": ("", "  ", "x" * 10_001, 7, None, {}),
    "slug": ("", "A", "-a", "a-", "a--b", "a b", "a_b", "é", "a\n", "a/b", "x" * 81, 7, None),
    "author_id": (UNKNOWN, 0, -1, 7.5, "7", True, None, 10**30, [1]),
    "tags": ("x", {"a": 1}, [5], ["A"], [""], ["a b"], ["x" * 31], ["é"], ["a\n"], [None],
             ["a", "b", "c", "d", "e", "f"], 5),
}  # fmt: skip
"""What each field is refused with."""


@pytest.mark.criterion("posts.rules")
@pytest.mark.parametrize("field", [*BAD, "nothing"])
def test_a_bad_post_is_refused(blog, refused, field):
    """Each field by itself, where all else is right; a field that is missing as well."""
    user = blog.user()
    blog.first_user()  # so that `true` is somebody's id where it is taken for 1
    before = blog.counts()
    odd = (str(user), float(user)) if field == "author_id" else ()
    for value in (*BAD.get(field, ()), *odd):
        reply = blog.send(blog.valid(**{"author_id": user, field: value}))
        refused(reply, 400, f"A post whose {field} is {str(value)[:24]!r}")
    missing = field if field in BAD and field != "tags" else "body"
    reply = blog.send(blog.valid(**{"author_id": user, missing: ...}))
    refused(reply, 400, f"A post without {missing}")
    assert blog.counts() == before, "A post was refused, and rows were saved nevertheless."


@pytest.mark.criterion("posts.rules")
def test_bad_parameters_are_refused(app, blog, refused, draw):
    """A limit that is none, and a page that is none."""
    for name, most in (("limit", 200), ("page", 10**6)):
        app.get("/posts", params={name: str(most)}).expect(200)
        for case in draw.bad_numbers(1, most):
            reply = app.get("/posts", params={name: case.value})
            refused(reply, 400, f"The {name} {case.value[:20]!r}")
    post = blog.post()
    for tags in ("x", ["A"], [5], ["a", "b", "c", "d", "e", "f"], None):
        reply = app.put(f"/posts/{post.slug}/tags", json={"tags": tags})
        refused(reply, 400, f"The tags {tags!r}")
    refused(app.put(f"/posts/{post.slug}/tags", json={}), 400, "A body without tags")


@pytest.mark.criterion("posts.taken")
def test_a_slug_is_taken(blog, refused):
    """By one that was sent before, and by one of the grader's; nothing is saved."""
    values = blog.valid()
    assert blog.send(values).status < 300, "A post that is right is refused."
    for slug in (values["slug"], blog.post().slug):
        other = blog.valid(slug=slug)
        before = blog.counts()
        refused(blog.send(other), 409, "A slug that another post has")
        assert blog.counts() == before, "A post was refused with 409, and rows were saved."
    refused(blog.send(blog.valid(slug=values["slug"], title="")), 400, "A bad title with that slug")


@pytest.mark.criterion("posts.list")
def test_the_newest_posts_are_first(blog):
    """By created_at, and where that is the same the higher id first, whatever was saved last."""
    early, late = blog.later(), blog.later()
    posts = [blog.post(at=at) for at in (late, early, late, blog.later())]
    expected = [posts[number].id for number in (3, 2, 0, 1)]
    for _ in range(3):
        blog.comment(posts[3])
        blog.comment(posts[0])
    items, reply = blog.listed(limit=4)
    if [one.get("id") for one in items] != expected:
        ids = [one.get("id") for one in items]
        reply.fail(f"The newest four posts are {expected}, in this order; the answer has {ids}.")
    first = items[0]
    name = blog.db.value("SELECT name FROM users WHERE id = %s", [posts[3].author])
    expected = {"slug": posts[3].slug, "title": posts[3].title, "comment_count": 3,
                "author": {"id": posts[3].author, "name": name}}  # fmt: skip
    for key, value in expected.items():
        if first.get(key) != value:
            reply.fail(f"`{key}` of the newest post should be {value!r}.")


@pytest.mark.criterion("posts.list")
def test_posts_come_in_pages(blog):
    """As many as `limit` says, 20 without it, and the total of all; none after the last page."""
    slugs = blog.posts(blog.users(25))[::-1]
    total = blog.count("posts")
    for parameters, expected in (
        ({}, slugs[:20]), ({"limit": 3}, slugs[:3]), ({"limit": 3, "page": 2}, slugs[3:6]),
        ({"limit": 3, "page": 4}, slugs[9:12]), ({"limit": 1, "page": 25}, slugs[24:]),
        ({"limit": 200, "page": 10**6}, []),
    ):  # fmt: skip
        items, reply = blog.listed(**parameters)
        if [one.get("slug") for one in items] != expected:
            reply.fail(f"This page should have {len(expected)} other posts, or another order.")
        if reply.json(dict, labelled=False).get("total") != total:
            reply.fail(f"`total` should be {total}, the number of all posts.")


@pytest.mark.criterion("posts.read")
def test_a_post_is_read_whole(blog):
    """With the comments, the oldest first, each with its author."""
    post = blog.post()
    late, early = blog.later(), post.at
    comments = [blog.comment(post, at=at) for at in (late, early, late)]
    found = blog.read(post.slug)
    for name in ("id", "slug", "title", "body"):
        assert found.get(name) == getattr(post, name), f"`{name}` of the post is another one."
    shown = found.get("comments")
    shown = shown if isinstance(shown, list) else []
    expected = [comments[number] for number in (1, 0, 2)]
    count = found.get("comment_count")
    assert (len(shown), count) == (3, 3), (
        f"The post has 3 comments; the answer has {len(shown)}, and `comment_count` {count}."
    )
    for one, other in zip(shown, expected, strict=True):
        name = blog.db.value("SELECT name FROM users WHERE id = %s", [other.author])
        expected = (other.id, other.body, {"id": other.author, "name": name})
        keys = ("id", "body", "author")
        said = tuple(one.get(key) for key in keys) if isinstance(one, dict) else ()
        assert said == expected, (
            "The comments should be the oldest first, each with `id`, `body` and `author`."
        )
    name = blog.db.value("SELECT name FROM users WHERE id = %s", [post.author])
    assert found.get("author") == {"id": post.author, "name": name}, "`author` is another one."


@pytest.mark.criterion("comments.create")
def test_a_comment_is_saved(app, blog, draw):
    """Under its post, by its author, to the letter."""
    post, author = blog.post(), blog.user()
    for body in (draw.sentence(), "é" * 500, f" <b>'{draw.unicode()}' 100%\n"):
        sent = {"author_id": author, "body": body}
        reply = app.post(f"/posts/{post.slug}/comments", json=sent).expect(201)
        found = reply.json(dict)
        number = found.get("id")
        if not is_count(number) or found.get("body") != body:
            reply.fail("The comment should be answered with its `id` and its `body`.")
        if not blog.count("comments", id=number, post_id=post.id, author_id=author, body=body):
            reply.fail("The table comments has no row with this id, post, author and body.")
        writer = found.get("author")
        if not isinstance(writer, dict) or writer.get("id") != author:
            reply.fail("The comment should be answered with its `author`.")


@pytest.mark.criterion("comments.create")
def test_a_bad_comment_is_refused(app, blog, refused):
    """Nobody's, without a text, with one that is too long, on no post."""
    post, author = blog.post(), blog.user()
    right = {"author_id": author, "body": "x"}
    path = f"/posts/{post.slug}/comments"
    for changed in (
        {"body": ""}, {"body": " \n"}, {"body": "é" * 501}, {"body": 5}, {"body": None},
        {"author_id": UNKNOWN}, {"author_id": str(author)}, {"author_id": True},
        {"author_id": None},
    ):  # fmt: skip
        name, value = next(iter(changed.items()))
        reply = app.post(path, json=right | changed)
        refused(reply, 400, f"A comment whose {name} is {str(value)[:24]!r}")
    assert not blog.count("comments", post_id=post.id), "A comment was refused, and saved."
    refused(app.post(f"/posts/{blog.slug()}/comments", json=right), 404, "An unknown post")
