-- The letter box. Append-only. On SQLite it lives in a file of its own beside the books, so that the
-- gate's commits never wait for the books; on PostgreSQL in the same database. Nothing joins it.

CREATE TABLE inbox (
  seq          {int} PRIMARY KEY,      -- gapless, in commit order: readers may follow it
  account      {text} NOT NULL,        -- '' is the own account
  livemode     {int} NOT NULL,
  event_ref    {text} NOT NULL,
  event_type   {text} NOT NULL,
  api_version  {text},
  created_s    {int} NOT NULL,         -- the event's own `created`, unix seconds
  received_at  {int} NOT NULL,         -- unix ms
  source       {text} NOT NULL,        -- webhook | fetch | list | import
  headers      {text} NOT NULL,        -- what was kept of the delivery's headers, JSON, never a secret
  body         {blob} NOT NULL,
  codec        {int} NOT NULL,         -- 0: as received
  key_id       {int} NOT NULL,         -- 0: not encrypted
  body_hash    {blob} NOT NULL         -- SHA-256 of the bytes received
) {strict};
CREATE INDEX inbox_received ON inbox (received_at);

-- One row per (event, body): a second body under one event id is kept as evidence. The id comes first in
-- the key, so that people find an event of any book by the one index that every append has to write.
CREATE TABLE event_key (
  event_ref    {text} NOT NULL,
  account      {text} NOT NULL,
  livemode     {int} NOT NULL,
  body_hash    {blob} NOT NULL,
  seq          {int} NOT NULL,
  deliveries   {int} NOT NULL,
  PRIMARY KEY (event_ref, account, livemode, body_hash)
) {strict_norowid};

-- Verified, but fits no book: outside all books, never lost.
CREATE TABLE quarantine (
  id           {serial},
  body_hash    {blob} NOT NULL UNIQUE,
  reason       {text} NOT NULL,
  event_ref    {text},
  event_type   {text},
  account      {text},
  livemode     {int},
  received_at  {int} NOT NULL,
  headers      {text} NOT NULL,
  body         {blob} NOT NULL,
  deliveries   {int} NOT NULL
) {strict};

CREATE TABLE inbox_head (
  id           {int} PRIMARY KEY,
  seq          {int} NOT NULL
) {strict};
INSERT INTO inbox_head (id, seq) VALUES (1, 0);

{append_only:inbox}
