"""Who refers to whom: what MySQL refuses and deletes by itself, and what the app deletes.

What is refused is tried next to what differs in this alone and has to be taken: a refusal for
another reason says nothing.
"""

import pytest
from conftest import COMMENT, POST, UNKNOWN

POST_ROW = f"{POST}(%s, 'x', 'x', '2024-05-17 12:30:00', %s)"
COMMENT_ROW = f"{COMMENT}(%s, %s, 'x', '2024-05-17 12:30:00')"


def require_refusal(blog, what, sql, *args):
    """Fail where MySQL takes a row or a change that breaks a rule."""
    if not blog.refusal(sql, *args):
        pytest.fail(f"MySQL has taken {what}; the table should refuse it, whoever writes it.")


@pytest.mark.criterion("relations.foreign")
def test_nothing_refers_to_what_is_not_there(blog):
    """In a new row and in a change: authors of posts and comments, posts of comments."""
    post = blog.post()
    user, comment = blog.user(), blog.comment(post)
    blog.db.write(POST_ROW, [user, blog.slug()])
    blog.db.write(COMMENT_ROW, [post.id, user])
    nobody = f"{UNKNOWN}, which is no user's id"
    nothing = f"{UNKNOWN}, which is no post's id"
    for what, sql, args in (
        (f"a post with the author_id {nobody}", POST_ROW, (UNKNOWN, blog.slug())),
        (f"a comment with the author_id {nobody}", COMMENT_ROW, (post.id, UNKNOWN)),
        (f"a comment with the post_id {nothing}", COMMENT_ROW, (UNKNOWN, user)),
        ("a change of a post's author_id to that of nobody",
         "UPDATE posts SET author_id = %s WHERE id = %s", (UNKNOWN, post.id)),
        ("a change of a comment's author_id to that of nobody",
         "UPDATE comments SET author_id = %s WHERE id = %s", (UNKNOWN, comment.id)),
        ("a change of a comment's post_id to that of no post",
         "UPDATE comments SET post_id = %s WHERE id = %s", (UNKNOWN, comment.id)),
    ):  # fmt: skip
        require_refusal(blog, what, sql, *args)
    blog.db.write("UPDATE posts SET author_id = %s WHERE id = %s", [user, post.id])
    assert blog.count("posts", id=post.id, author_id=user), "A post cannot change its author."


@pytest.mark.criterion("relations.cascade")
def test_what_refers_to_a_row_goes_with_it(blog):
    """Where the row of a user or a post is deleted in MySQL; those of others stay."""
    ada, bob = blog.user(), blog.user()
    hers, his = blog.post(ada), blog.post(bob)
    blog.comment(hers, bob)
    elsewhere = blog.comment(his, ada)
    kept = blog.comment(his, bob)
    if number := blog.refusal("DELETE FROM users WHERE id = %s", ada):
        pytest.fail(
            f"MySQL does not delete a user with posts and comments (error {number}); these should "
            "be deleted with the user."
        )
    for table, columns in (
        ("posts", {"id": hers.id}), ("comments", {"post_id": hers.id}),
        ("comments", {"id": elsewhere.id}),
    ):  # fmt: skip
        left = blog.count(table, **columns)
        assert not left, f"A user was deleted in MySQL, and {table} has {left} rows of theirs."
    assert blog.count("comments", id=kept.id), "Another user's comment is gone as well."
    if number := blog.refusal("DELETE FROM posts WHERE id = %s", his.id):
        pytest.fail(f"MySQL does not delete a post with comments (error {number}).")
    left = blog.count("comments", post_id=his.id)
    assert not left, f"A post was deleted in MySQL, and {left} comments on it are left."
    assert blog.count("users", id=bob), "With a post its author is gone."


@pytest.mark.criterion("relations.tags")
def test_a_table_links_posts_and_tags(blog):
    """It has two foreign keys, and no link twice; each tag is there once, by its name."""
    name, post, other = blog.tag(), blog.post(), blog.post()
    blog.tagged(post, name)
    found = blog.links()
    assert found, (
        "No table links posts and tags: one that has a foreign key to posts.id and another one to "
        "a table of tags."
    )
    places = [column for table, column in blog.db.find(name) if table == found.tags]
    assert places, f"The table {found.tags}, which links refer to, does not hold the tag {name!r}."
    table, tags = f"`{found.table}`", f"`{found.tags}`"
    sql = f"SELECT `{found.key}` FROM {tags} WHERE `{places[0]}` = %s"
    number = blog.db.value(sql, [name])
    link = f"INSERT INTO {table} (`{found.post}`, `{found.tag}`) VALUES (%s, %s)"
    blog.db.write(link, [other.id, number])
    require_refusal(blog, "a second link of one post and one tag", link, post.id, number)
    require_refusal(blog, "a link of a post that is not there", link, UNKNOWN, number)
    unknown = UNKNOWN if isinstance(number, int) else "nothing9"
    require_refusal(blog, "a link to a tag that is not there", link, post.id, unknown)
    tag = f"INSERT INTO {tags} (`{places[0]}`) VALUES (%s)"
    blog.db.write(tag, [blog.tag()])
    require_refusal(blog, f"a second tag with the name {name!r}", tag, name)
    blog.db.write("DELETE FROM posts WHERE id = %s", [post.id])
    assert not blog.linked(post), "A post was deleted in MySQL, and its links to tags are left."
    assert blog.linked(other), "The links of another post are gone as well."


@pytest.mark.criterion("relations.slug")
def test_a_slug_is_there_once(blog):
    """No NULL and no second one, in a new row and in a change; 80 characters are fine."""
    post, other, user = blog.post(), blog.post(), blog.user()
    long = blog.draw.text(80).lower()
    blog.db.write(POST_ROW, [user, long])
    assert blog.count("posts", slug=long), "A slug of 80 characters was cut off."
    change = "UPDATE posts SET slug = %s WHERE id = %s"
    require_refusal(blog, "a second post with one slug", POST_ROW, user, post.slug)
    require_refusal(blog, "a post without a slug (NULL)", POST_ROW, user, None)
    require_refusal(blog, "a slug that another post has", change, post.slug, other.id)
    require_refusal(blog, "a change of a slug to NULL", change, None, other.id)


@pytest.mark.criterion("delete.user")
def test_a_deleted_user_leaves_nothing(app, blog, refused):
    """Posts, what stands below them, and comments elsewhere; what others wrote elsewhere stays."""
    ada, bob = blog.user(), blog.user()
    hers, his = blog.post(ada), blog.post(bob)
    links = blog.links()
    if links:
        blog.tagged(hers, blog.tag())
    for author in (ada, bob):
        blog.comment(hers, author)
    elsewhere = blog.comment(his, ada)
    kept = blog.comment(his, bob)
    reply = app.delete(f"/users/{ada}")
    if reply.status != 204:
        reply.fail(f"A user with posts and comments should be deleted (204), not {reply.status}.")
    for table, columns in (
        ("users", {"id": ada}), ("posts", {"author_id": ada}), ("comments", {"author_id": ada}),
        ("comments", {"post_id": hers.id}), ("comments", {"id": elsewhere.id}),
    ):  # fmt: skip
        left = blog.count(table, **columns)
        if left:
            reply.fail(f"The user was deleted, and {left} rows of {table} are left of theirs.")
    if links and blog.linked(hers):
        reply.fail("The user was deleted, and their posts' links to tags are left.")
    if not blog.count("comments", id=kept.id) or not blog.count("posts", id=his.id):
        reply.fail("A user was deleted, and what another one has written is gone as well.")
    for again in (app.get(f"/users/{ada}"), app.delete(f"/users/{ada}")):
        refused(again, 404, "A user who was deleted")
    refused(app.get(f"/posts/{hers.slug}"), 404, "A post of a user who was deleted")
    shown = app.get(f"/posts/{his.slug}").expect(200).json(dict, labelled=False)
    count = shown.get("comment_count")
    if count != 1:
        reply.fail(f"A post has 1 comment left, and the app says {str(count)[:20]}.")


@pytest.mark.criterion("delete.post")
def test_a_deleted_post_takes_its_comments_along(app, blog, refused):
    """And its links to tags; the tags of others stay."""
    gone, kept, name = blog.post(), blog.post(), blog.tag()
    blog.comment(gone)
    linked = blog.links() is not None
    if linked:
        for post in (gone, kept):
            blog.tagged(post, name)
    reply = app.delete(f"/posts/{gone.slug}")
    if reply.status != 204:
        reply.fail(f"A post should be deleted (204), not {reply.status}.")
    if blog.count("posts", id=gone.id) or not blog.count("users", id=gone.author):
        reply.fail("The post should be gone, and nothing else; its author stays.")
    if blog.count("comments", post_id=gone.id) or blog.linked(gone):
        reply.fail("The post was deleted, and comments or links to tags are left of it.")
    if linked and not blog.linked(kept):
        reply.fail("A post was deleted, and another one has lost its tags.")
    refused(app.get(f"/posts/{gone.slug}"), 404, "A post that was deleted")
    refused(app.delete(f"/posts/{gone.slug}"), 404, "Deleting it again")
