-- A book that was listed and has seen no event yet: when the newest of what was listed was made. Its clock until then.
ALTER TABLE book ADD COLUMN listed_s {int} NOT NULL DEFAULT 0;

-- Runs over Stripe's lists: why a kind's list could not be had, where the run went on without it.
ALTER TABLE listing_place ADD COLUMN problem {text} NOT NULL DEFAULT '';
