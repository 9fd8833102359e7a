-- Objects that were asked of Stripe because something needs them to be explained, and when they may be asked for
-- again. Only timing: it may be dropped, and then some objects are fetched once more.

CREATE TABLE fetching (
  book         {int} NOT NULL,
  kind         {int} NOT NULL,
  ref          {text} NOT NULL,
  attempts     {int} NOT NULL,
  not_before   {int} NOT NULL,         -- while one is under way: when it counts as lost
  problem      {text},                 -- why the newest attempt failed
  PRIMARY KEY (book, kind, ref)
) {strict_norowid};

CREATE INDEX sale_unresolved ON sale (subject) WHERE reason = 'discount_unresolved';
