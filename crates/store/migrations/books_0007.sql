-- Runs over Stripe's lists: why a kind's list could not be had, where the run went on without it.
ALTER TABLE listing_place ADD COLUMN problem {text} NOT NULL DEFAULT '';
