-- Every answer of the decision service, with the decisions in it. Rows are only ever added.
CREATE TABLE IF NOT EXISTS answers (
    answer_id INTEGER PRIMARY KEY,
    answered_at TEXT NOT NULL,          -- UTC, ISO 8601
    asked_by TEXT NOT NULL,             -- name of the token
    request TEXT NOT NULL,              -- method and path
    state_run TEXT NOT NULL,            -- run of the audit whose state was decided by
    state_as_of TEXT NOT NULL,          -- that run's as-of day
    as_of TEXT NOT NULL,                -- the day judged
    rules_revision TEXT NOT NULL,       -- what identifies rules, policy and program
    decided TEXT NOT NULL               -- JSON: one object a title, in the order answered
) STRICT;

-- The same, one row a title. An answer is one row above, so that a batch of titles costs one insert.
CREATE VIEW IF NOT EXISTS decisions AS
SELECT
    answer_id, answered_at, asked_by, request, state_run, state_as_of, as_of, rules_revision,
    one.key AS place,                   -- of the title in the answer, from 0
    one.value ->> 'title_id' AS title_id,
    one.value ->> 'decision' AS decision,
    one.value ->> 'permit' AS permit,
    one.value ->> 'findings' AS findings,   -- JSON: action by rule
    one.value ->> 'reason' AS reason
FROM answers, json_each(answers.decided) AS one;
