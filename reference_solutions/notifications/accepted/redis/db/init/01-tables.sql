CREATE TABLE events (
    id    INT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
    title VARCHAR(80) NOT NULL,
    seats INT         NOT NULL,
    free  INT         NOT NULL
) CHARACTER SET utf8mb4;

CREATE TABLE orders (
    id       INT          NOT NULL AUTO_INCREMENT PRIMARY KEY,
    event_id INT          NOT NULL REFERENCES events (id),
    email    VARCHAR(100) NOT NULL,
    seats    INT          NOT NULL,
    -- Of the request; several NULLs are unique.
    request  VARBINARY(320) UNIQUE
) CHARACTER SET utf8mb4;

CREATE TABLE jobs (
    id       INT          NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id INT          NOT NULL UNIQUE REFERENCES orders (id),
    state    ENUM ('pending', 'sent', 'failed') NOT NULL DEFAULT 'pending',
    attempts INT          NOT NULL DEFAULT 0,
    error    VARCHAR(500),
    due      DATETIME(3)  NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    -- Whether the broker has it.
    queued   BOOLEAN      NOT NULL DEFAULT FALSE,
    INDEX (state, queued, due)
) CHARACTER SET utf8mb4;
