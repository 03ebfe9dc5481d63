-- What refers to nothing goes, posts before the comments on them.
DELETE posts FROM posts LEFT JOIN users ON users.id = posts.author_id WHERE users.id IS NULL;
DELETE comments FROM comments
    LEFT JOIN posts ON posts.id = comments.post_id
    LEFT JOIN users ON users.id = comments.author_id
    WHERE posts.id IS NULL OR users.id IS NULL;

ALTER TABLE posts ADD COLUMN slug VARCHAR(80) COLLATE utf8mb4_0900_bin NULL;
UPDATE posts SET slug = CONCAT('post-', id);
ALTER TABLE posts
    MODIFY slug VARCHAR(80) COLLATE utf8mb4_0900_bin NOT NULL,
    ADD UNIQUE KEY posts_slug (slug),
    ADD KEY posts_newest (created_at, id),
    ADD KEY posts_author (author_id),
    ADD CONSTRAINT posts_author_fk FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE;

ALTER TABLE comments
    ADD KEY comments_post (post_id),
    ADD KEY comments_author (author_id),
    ADD CONSTRAINT comments_post_fk FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    ADD CONSTRAINT comments_author_fk FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE;

CREATE TABLE tags (
    id   INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(30) COLLATE utf8mb4_0900_bin NOT NULL UNIQUE
) CHARACTER SET utf8mb4;

CREATE TABLE post_tags (
    post_id INT NOT NULL,
    tag_id  INT NOT NULL,
    PRIMARY KEY (post_id, tag_id),
    KEY post_tags_tag (tag_id),
    CONSTRAINT post_tags_post_fk FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    CONSTRAINT post_tags_tag_fk FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4;
