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

-- Events that Stripe delivered, per book and hour: the usual rhythm, which silence is measured by. Written with the
-- projector's cursor; a rebuild makes it again.
CREATE TABLE event_hour (
  book         {int} NOT NULL,
  hour         {int} NOT NULL,         -- hours since 1970, of the receipt
  events       {int} NOT NULL,
  last_at      {int} NOT NULL,         -- the newest receipt in it, unix ms
  PRIMARY KEY (book, hour)
) {strict_norowid};

-- What was wrong with the house, from when to when. One open row per rule and scope.
CREATE TABLE alert (
  id           {text} PRIMARY KEY,     -- made of rule, scope and how often it was opened before
  rule         {text} NOT NULL,
  scope        {text} NOT NULL,        -- a book's label; '' is the whole house
  words        {text} NOT NULL,
  figure       {int} NOT NULL,
  opened_at    {int} NOT NULL,
  seen_at      {int} NOT NULL,         -- when it was last found to be so
  reminded_at  {int} NOT NULL,
  closed_at    {int}
) {strict};
CREATE UNIQUE INDEX alert_open ON alert (rule, scope) WHERE closed_at IS NULL;
CREATE INDEX alert_opened ON alert (opened_at, id);

-- A word about an alert to one place, written down before the first attempt to send it.
CREATE TABLE alert_message (
  id           {text} PRIMARY KEY,     -- the same for every attempt: who hears it twice can tell
  alert        {text} NOT NULL,
  kind         {text} NOT NULL,        -- opened | reminder | closed
  sink         {text} NOT NULL,        -- hook | slack | mail
  words        {text} NOT NULL,
  state        {text} NOT NULL CHECK (state IN ('open', 'sent', 'failed')),
  attempts     {int} NOT NULL,
  next_try_at  {int} NOT NULL,
  lease_until  {int} NOT NULL,
  problem      {text} NOT NULL,
  recorded_at  {int} NOT NULL,
  finished_at  {int}
) {strict};
CREATE INDEX alert_message_due ON alert_message (next_try_at, id) WHERE state = 'open';

INSERT INTO cursor (name, value) VALUES ('alerts_checked', 0);
