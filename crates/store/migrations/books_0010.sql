-- Catch-up asks of each event that Stripe lists whether a thin event told of it.
CREATE INDEX thin_told ON thin (book, snapshot_ref);
