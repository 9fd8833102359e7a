-- How many events of which type and API version a book has had, and the newest receipt. Written with the projector's cursor; a
-- rebuild makes it again.
CREATE TABLE event_seen (
  book         {int} NOT NULL,
  event_type   {text} NOT NULL,
  api_version  {text} NOT NULL,        -- '' is not said
  events       {int} NOT NULL,
  last_at      {int} NOT NULL,         -- unix ms
  PRIMARY KEY (book, event_type, api_version)
) {strict_norowid};

-- Which customer, or which purchase of nobody's, an e-mail address was said of: a keyed hash of it and never the address.
-- Deleted with the customer.
CREATE TABLE address (
  book         {int} NOT NULL,
  kind         {int} NOT NULL,
  ref          {text} NOT NULL,
  digest       {text} NOT NULL,
  PRIMARY KEY (book, kind, ref, digest)
) {strict_norowid};
CREATE INDEX address_digest ON address (digest);
