"""The schema, step by step: what leads up to each revision, and what leads down from it."""

SLUG = "VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin"

REVISIONS = {
    "first": (
        (
            "CREATE TABLE users (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
            " name VARCHAR(50) NOT NULL) CHARACTER SET utf8mb4",
            "CREATE TABLE posts (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, author_id INT NOT NULL,"
            " title VARCHAR(120) NOT NULL, body TEXT NOT NULL, created_at DATETIME NOT NULL)"
            " CHARACTER SET utf8mb4",
            "CREATE TABLE comments (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
            " post_id INT NOT NULL, author_id INT NOT NULL, body VARCHAR(500) NOT NULL,"
            " created_at DATETIME NOT NULL) CHARACTER SET utf8mb4",
        ),
        ("DROP TABLE users", "DROP TABLE posts", "DROP TABLE comments"),
    ),
    "keys": (
        (
            "DELETE FROM posts WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = author_id)",
            "DELETE FROM comments WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = author_id)"
            " OR NOT EXISTS (SELECT 1 FROM posts WHERE posts.id = post_id)",
            "CREATE INDEX by_author ON posts (author_id, created_at)",
            "CREATE INDEX by_author ON comments (author_id)",
            "CREATE INDEX by_post ON comments (post_id, created_at)",
            "ALTER TABLE posts ADD CONSTRAINT post_author FOREIGN KEY (author_id)"
            " REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE",
            "ALTER TABLE comments ADD CONSTRAINT comment_author FOREIGN KEY (author_id)"
            " REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE",
            "ALTER TABLE comments ADD CONSTRAINT comment_post FOREIGN KEY (post_id)"
            " REFERENCES posts (id) ON DELETE CASCADE ON UPDATE CASCADE",
        ),
        (
            "ALTER TABLE comments DROP FOREIGN KEY comment_post",
            "ALTER TABLE comments DROP FOREIGN KEY comment_author",
            "ALTER TABLE posts DROP FOREIGN KEY post_author",
            "DROP INDEX by_post ON comments",
            "DROP INDEX by_author ON comments",
            "DROP INDEX by_author ON posts",
        ),
    ),
    "slugs": (
        (
            f"ALTER TABLE posts ADD slug {SLUG} FIRST",
            "UPDATE posts SET slug = CONCAT('post-', id)",
            f"ALTER TABLE posts MODIFY slug {SLUG} NOT NULL",
            "CREATE UNIQUE INDEX one_slug ON posts (slug)",
        ),
        ("ALTER TABLE posts DROP slug",),
    ),
    "labels": (
        (
            "ALTER TABLE comments ADD edited_at DATETIME NULL",
            "CREATE TABLE label (name VARCHAR(30) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY,"
            " first_used TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
            "CREATE TABLE labelled (id BIGINT AUTO_INCREMENT PRIMARY KEY, post INT NOT NULL,"
            " label VARCHAR(30) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
            " UNIQUE KEY once (label, post),"
            " FOREIGN KEY (post) REFERENCES posts (id) ON DELETE CASCADE ON UPDATE CASCADE,"
            " FOREIGN KEY (label) REFERENCES label (name))",
        ),
        ("DROP TABLE labelled", "DROP TABLE label", "ALTER TABLE comments DROP edited_at"),
    ),
}
NEWEST = list(REVISIONS)[-1]
