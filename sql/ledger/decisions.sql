-- Every answer of the decision service, and the decisions in it. Rows are only ever added.
CREATE TABLE IF NOT EXISTS answers (
    answer_id INTEGER PRIMARY KEY,
    answered_at TEXT NOT NULL,          -- UTC, ISO 8601
    asked_by TEXT NOT NULL,             -- name of the token
    request TEXT NOT NULL,              -- method and path
    state_run TEXT NOT NULL,            -- run of the audit whose state was decided by; '' where there was none
    state_as_of TEXT,                   -- that run's as-of day
    as_of TEXT NOT NULL,                -- the day judged
    rules_revision TEXT NOT NULL        -- what identifies rules, policy and program
) STRICT;

CREATE TABLE IF NOT EXISTS decisions (
    answer_id INTEGER NOT NULL REFERENCES answers,
    place INTEGER NOT NULL,             -- of the title in the answer, from 0
    title_id TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('allow', 'hold', 'block')),
    permit TEXT,
    findings TEXT NOT NULL,             -- rule=action, parted by ';'
    reason TEXT,
    PRIMARY KEY (answer_id, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS decisions_by_title ON decisions (title_id, answer_id);
