-- What was listed at Stripe, page by page: each run says how far it has come, so that one that was killed goes on,
-- and what it found, so that it can be shown later. What was listed is in the inbox; all of this may be dropped, and
-- then it is listed again.

-- Rounds over the list of events. The newest finished one of a book is its cursor.
CREATE TABLE catch_up_run (
  id           {serial},
  book         {int} NOT NULL,
  reason       {text} NOT NULL,        -- boot | silence | schedule | asked
  started_at   {int} NOT NULL,
  finished_at  {int},
  asked_s      {int} NOT NULL,         -- Stripe's time of the first page; 0 before it
  from_s       {int} NOT NULL,         -- nothing older was asked for; 0: everything Stripe has
  before_ref   {text} NOT NULL,        -- the newest event of the run before; from here on all was counted then
  newest_ref   {text} NOT NULL,        -- the newest event of this run, or of the run before if there was none
  newest_s     {int} NOT NULL,
  position     {text} NOT NULL,        -- the last event of the last page that is kept; '' before the first
  counted      {int} NOT NULL,         -- 1: what follows was counted by the run before
  listed       {int} NOT NULL,
  received     {int} NOT NULL,         -- of the listed: had come by push
  missing      {int} NOT NULL,         -- of the listed: had not, and is kept now
  known        {int} NOT NULL,         -- of the listed: was here in another way (imported)
  gap_from_s   {int},                  -- what happened from then ...
  gap_to_s     {int}                   -- ... until then, Stripe no longer lists
) {strict};
CREATE UNIQUE INDEX catch_up_open ON catch_up_run (book) WHERE finished_at IS NULL;
CREATE INDEX catch_up_of_book ON catch_up_run (book, id);

-- Runs over Stripe's lists of objects, and where each has come to in the list of each kind.
CREATE TABLE listing_run (
  id           {serial},
  book         {int} NOT NULL,
  purpose      {text} NOT NULL,        -- backfill | reconcile
  started_at   {int} NOT NULL,
  finished_at  {int}
) {strict};
CREATE UNIQUE INDEX listing_open ON listing_run (book, purpose) WHERE finished_at IS NULL;

CREATE TABLE listing_place (
  run          {int} NOT NULL,
  kind         {int} NOT NULL,
  position     {text} NOT NULL,        -- the last object of the last page that is kept; '' before the first
  done         {int} NOT NULL,
  listed       {int} NOT NULL,
  PRIMARY KEY (run, kind)
) {strict_norowid};

-- What a reconciliation found, kept so that the last report can be shown again.
CREATE TABLE reconcile_finding (
  run          {int} NOT NULL,
  kind         {int} NOT NULL,
  ref          {text} NOT NULL,
  path         {text} NOT NULL,        -- of the field; '' when the whole object is meant
  what         {text} NOT NULL,        -- missing | extra | different
  ours         {text} NOT NULL,
  stripes      {text} NOT NULL,
  ours_at_s    {int} NOT NULL,         -- when ours was said; 0: never
  cause        {text} NOT NULL,        -- '' until it was looked for
  event_ref    {text} NOT NULL,        -- the event that did not arrive, if that is the cause
  fixed        {int} NOT NULL,         -- 1: what Stripe says is in the inbox
  PRIMARY KEY (run, kind, ref, path)
) {strict_norowid};

-- Objects that a run has seen in Stripe's list of their kind: what is ours and not among them, Stripe has no more.
-- Emptied kind by kind.
CREATE TABLE reconcile_seen (
  run          {int} NOT NULL,
  kind         {int} NOT NULL,
  ref          {text} NOT NULL,
  PRIMARY KEY (run, kind, ref)
) {strict_norowid};
