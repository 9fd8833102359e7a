-- When the same bytes came again: a row for each of the first repeats of a body (how many is the program's to say), and of more of
-- them the time of the newest. What came before this table was there is counted in event_key and has no time.

CREATE TABLE redelivery (
  seq          {int} NOT NULL,         -- inbox.seq of the body that came again
  delivery     {int} NOT NULL,         -- which delivery of it: 2 is the first repeat
  received_at  {int} NOT NULL,         -- unix ms
  source       {text} NOT NULL,        -- how it came, as in inbox
  PRIMARY KEY (seq, delivery)
) {strict_norowid};

{append_only:redelivery}

ALTER TABLE event_key ADD COLUMN repeated_at {int};   -- the newest repeat, unix ms; unset of what came once
