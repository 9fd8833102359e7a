-- Operating the house. Parked events that an operator gave up, as the operator log says it: a rebuild makes these
-- rows from the log before the first event is read.

CREATE TABLE discarded_event (
  seq          {int} PRIMARY KEY,      -- inbox.seq
  event_ref    {text} NOT NULL,
  unread       {int} NOT NULL,         -- 1: nothing of it is in the books, and nothing will be
  reason       {text} NOT NULL,        -- what it had been parked for
  why          {text} NOT NULL,        -- the operator's words
  actor        {text} NOT NULL,
  discarded_at {int} NOT NULL
) {strict};
