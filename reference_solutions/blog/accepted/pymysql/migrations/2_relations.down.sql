DROP TABLE post_tags;
DROP TABLE tags;

ALTER TABLE comments DROP FOREIGN KEY comments_post_fk, DROP FOREIGN KEY comments_author_fk;
ALTER TABLE comments DROP KEY comments_post, DROP KEY comments_author;

ALTER TABLE posts DROP FOREIGN KEY posts_author_fk;
ALTER TABLE posts DROP KEY posts_author, DROP KEY posts_newest;
ALTER TABLE posts DROP KEY posts_slug, DROP COLUMN slug;
