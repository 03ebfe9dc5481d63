CREATE TABLE chore (
    name TEXT NOT NULL,
    ran_at TIMESTAMP WITH TIME ZONE NOT NULL,
    said JSONB NOT NULL,
    CONSTRAINT pk_chore PRIMARY KEY (name)
);

ALTER TABLE blob ADD COLUMN deleted_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX ix_submission_blob_digest ON submission (blob_digest);
