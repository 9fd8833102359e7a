-- What is to be done at Stripe, written down before the first call. An input like the operator log: what came
-- of a call cannot be computed from anything else, so it is never dropped or rebuilt.

CREATE TABLE intent (
  id           {text} PRIMARY KEY,     -- made of what is intended; also names the calls at Stripe
  book         {int} NOT NULL,
  kind         {text} NOT NULL,        -- code_create | code_rotate | code_deactivate | code_sync
  subject      {text} NOT NULL,        -- the code's text in lower case, or its id: one open intent each
  partner      {text},                 -- handle
  digest       {text} NOT NULL,        -- of book and params: the same digest is the same request
  request_key  {text} UNIQUE,          -- a caller's Idempotency-Key
  params       {text} NOT NULL,        -- JSON, never changed
  progress     {text} NOT NULL,        -- JSON: each step and what came of it
  state        {text} NOT NULL CHECK (state IN ('open', 'parked', 'done', 'refused')),
  reason       {text} NOT NULL,        -- why it waits, was parked or refused
  attempts     {int} NOT NULL,
  next_try_at  {int} NOT NULL,
  lease_until  {int} NOT NULL,         -- somebody is at it until then
  epoch        {int} NOT NULL,         -- raised with each lease: who holds an older one writes nothing
  made_by      {text} NOT NULL,
  recorded_at  {int} NOT NULL,
  finished_at  {int}
) {strict};
CREATE UNIQUE INDEX intent_open ON intent (book, subject) WHERE state IN ('open', 'parked');
CREATE INDEX intent_due ON intent (next_try_at, id) WHERE state = 'open';
CREATE INDEX intent_digest ON intent (digest, recorded_at);
CREATE INDEX intent_recorded ON intent (recorded_at, id);
