CREATE TABLE users (
    id   INT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(50) NOT NULL
) CHARACTER SET utf8mb4;

CREATE TABLE posts (
    id         INT          NOT NULL AUTO_INCREMENT PRIMARY KEY,
    author_id  INT          NOT NULL,
    title      VARCHAR(120) NOT NULL,
    body       TEXT         NOT NULL,
    created_at DATETIME     NOT NULL
) CHARACTER SET utf8mb4;

CREATE TABLE comments (
    id         INT          NOT NULL AUTO_INCREMENT PRIMARY KEY,
    post_id    INT          NOT NULL,
    author_id  INT          NOT NULL,
    body       VARCHAR(500) NOT NULL,
    created_at DATETIME     NOT NULL
) CHARACTER SET utf8mb4;
