CREATE TABLE IF NOT EXISTS authors (
    id BIGINT AUTO_INCREMENT,
    name VARCHAR(50) NOT NULL,
    PRIMARY KEY (id)
) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS entries (
    id BIGINT AUTO_INCREMENT,
    author_id BIGINT NOT NULL,
    message TEXT NOT NULL CHECK (CHAR_LENGTH(message) <= 500),
    rating ENUM ('1', '2', '3', '4', '5') NOT NULL,
    written_at TIMESTAMP NOT NULL DEFAULT NOW(),
    PRIMARY KEY (id),
    FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE ON UPDATE CASCADE
) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci;
