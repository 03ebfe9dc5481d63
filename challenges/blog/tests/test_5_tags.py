"""Tags: many posts have one, and one post has many."""

import pytest


@pytest.mark.criterion("tags.posts")
def test_a_post_has_the_tags_that_it_was_given(blog):
    """In the order of their names, each once; PUT replaces them all."""
    names = [blog.tag() for _ in range(6)]
    for name, tags in (("b" * 30, names[:2]), ("0", names[2:4])):
        values = blog.valid(tags=[*tags, name, tags[0]])
        reply = blog.send(values)
        if not 200 <= reply.status < 300:
            reply.fail(f"Tags that are right should be taken, not answered with {reply.status}.")
        for found in (reply.json(dict, labelled=False), blog.read(values["slug"])):
            assert found.get("tags") == sorted([*tags, name]), (
                f"The post was given the tags {sorted([*tags, name])}; "
                f"it has {str(found.get('tags'))[:200]}."
            )
    post = blog.post()
    for tags in (names[:3], names[2:6], [names[5], names[0]], []):
        blog.tagged(post, *tags)
        found = blog.read(post.slug).get("tags")
        assert found == sorted(tags), f"PUT gave the post {sorted(tags)}; it has {found}."


@pytest.mark.criterion("tags.posts")
def test_a_tag_has_the_posts_that_have_it(blog):
    """Comments count for nothing there, and tags for nothing where comments are counted."""
    name, other, gone = blog.tag(), blog.tag(), blog.tag()
    posts = [blog.post(at=blog.later()) for _ in range(3)]
    for post in posts:
        blog.tagged(post, name, gone)
        blog.comment(post)
        blog.comment(post)
    for post in posts:
        blog.tagged(post, name)
    blog.tagged(posts[0], other, name)
    found = blog.tags()
    assert (found.get(name), found.get(other)) == (3, 1), (
        f"Three posts have the tag {name!r} and one has {other!r}; GET /tags says "
        f"{found.get(name)} and {found.get(other)}."
    )
    assert gone not in found, "GET /tags has a tag that no post has any more."
    assert list(found) == sorted(found), "The tags should be in the order of their names."
    items, reply = blog.listed(limit=3)
    for one in items:
        if one.get("comment_count") != 2:
            reply.fail(
                "A post with two comments has `comment_count` "
                f"{str(one.get('comment_count'))[:20]}, now that posts have tags."
            )


@pytest.mark.criterion("tags.filter")
def test_posts_with_a_tag_are_found(blog):
    """All of them and no others, in order, each with all of its tags, in pages."""
    name, more = blog.tag(), blog.tag()
    posts = [blog.post(at=blog.later()) for _ in range(4)]
    for post, tags in zip(posts, ((name, more), (more,), (name,), (more, name)), strict=True):
        blog.tagged(post, *tags)
    expected = [posts[number] for number in (3, 2, 0)]
    for parameters, shown in (({}, expected), ({"limit": 2, "page": 2}, expected[2:])):
        items, reply = blog.listed(tag=name, **parameters)
        if [one.get("id") for one in items] != [post.id for post in shown]:
            reply.fail(f"There are 3 posts with this tag, and {len(shown)} belong on this page.")
        if reply.json(dict, labelled=False).get("total") != 3:
            reply.fail("`total` should be 3: as many posts as have this tag.")
    items, reply = blog.listed(tag=name)
    found = [one.get("tags") for one in items]
    if found != [sorted((name, more)), [name], sorted((name, more))]:
        reply.fail(f"Each post should have all of its tags, not {str(found)[:200]}.")
    for unknown in (blog.tag(), name[:-1], name.upper(), "%", f"{name}'", f"{name} "):
        items, reply = blog.listed(tag=unknown)
        if items or reply.json(dict, labelled=False).get("total") != 0:
            reply.fail("No post has this tag, so there should be no items, and a total of 0.")
