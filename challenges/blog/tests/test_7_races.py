"""Posts that come at the same moment."""

import pytest

ACTORS, ROUNDS = 8, 8


@pytest.mark.criterion("race.slug")
def test_one_slug_is_given_once(app, blog):
    """One of eight is saved, the others are a 409."""
    users = blog.users(ACTORS)
    for _ in range(ROUNDS):
        slug = blog.slug()
        posts = [blog.valid(author_id=user, slug=slug) for user in users]
        replies = app.together([lambda post=post: blog.send(post) for post in posts])
        made = sum(200 <= reply.status < 300 for reply in replies)
        for reply in replies:
            if reply.status >= 300 and reply.status != 409:
                reply.fail(
                    f"{ACTORS} posts with one slug came at the same moment. One is saved, and the "
                    f"others should be answered with 409; this was {reply.status}."
                )
        assert made == 1, f"{ACTORS} posts with one slug came at once, and {made} were taken."
        assert blog.count("posts", slug=slug) == 1, "The post that was taken is not in MySQL."


@pytest.mark.criterion("race.tags")
def test_a_new_tag_of_several_posts_is_there_once(app, blog):
    """Each of eight posts is saved, with the tag."""
    users = blog.users(ACTORS)
    for _ in range(ROUNDS):
        name = blog.tag()
        posts = [blog.valid(author_id=user, tags=[name]) for user in users]
        replies = app.together([lambda post=post: blog.send(post) for post in posts])
        for reply in replies:
            if not 200 <= reply.status < 300:
                reply.fail(
                    f"{ACTORS} posts with one new tag came at the same moment. Each should be "
                    f"saved; this was {reply.status}."
                )
        items, reply = blog.listed(tag=name)
        slugs = {one.get("slug") for one in items}
        if slugs != {post["slug"] for post in posts}:
            reply.fail(f"{ACTORS} posts have this tag, and {len(slugs)} are found by it.")
        found = blog.tags().get(name)
        assert found == ACTORS, f"{ACTORS} posts have the tag {name!r}; GET /tags says {found}."
