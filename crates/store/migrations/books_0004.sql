-- The mirror of Stripe's objects, what of it has still to be looked at, and what is wanted of Stripe. Everything here
-- is computed from the inbox or only timing, and may be dropped and rebuilt.

-- Objects that Stripe says are deleted: a set that only grows, so that nothing said later undoes it.
CREATE TABLE gone (
  book         {int} NOT NULL,
  kind         {int} NOT NULL,
  ref          {text} NOT NULL,
  PRIMARY KEY (book, kind, ref)
) {strict_norowid};

-- Names of objects that the mirror has to look at, written with their facts. Whoever works them off holds the
-- cursor `mirrored`; its value only counts.
CREATE TABLE mirror_errand (
  id           {serial},
  book         {int} NOT NULL,
  facts        {text} NOT NULL,        -- JSON: [[kind, ref], ...] that facts are about
  named        {text} NOT NULL         -- the same of objects that others name
) {strict};
INSERT INTO cursor (name, value) VALUES ('mirrored', 0);

-- Objects to be fetched from Stripe, and when. One row for an object however many ask for it.
CREATE TABLE want (
  book         {int} NOT NULL,
  kind         {int} NOT NULL,         -- 0: `ref` is an event of Stripe's v2 API
  ref          {text} NOT NULL,
  why          {text} NOT NULL,        -- thin | order | list
  epoch        {int} NOT NULL,         -- raised with each asking: what was asked meanwhile is fetched again
  attempts     {int} NOT NULL,
  not_before   {int} NOT NULL,         -- while somebody is at it: when he counts as lost
  problem      {text},                 -- why the newest attempt failed
  PRIMARY KEY (book, kind, ref)
) {strict_norowid};
CREATE INDEX want_due ON want (book, not_before);

-- Events that carry no object. Waiting: for their snapshot or for their object, whichever comes first.
CREATE TABLE thin (
  seq          {int} PRIMARY KEY,      -- inbox.seq
  book         {int} NOT NULL,
  created_s    {int} NOT NULL,
  snapshot_ref {text},                 -- the event that carries the object as it was then
  kind         {int},                  -- what it is about
  ref          {text},
  waiting      {int} NOT NULL,
  answer       {text} NOT NULL         -- what it waits for, or what it was answered by
) {strict};
CREATE INDEX thin_object ON thin (book, kind, ref, created_s) WHERE waiting = 1;
CREATE INDEX thin_snapshot ON thin (book, snapshot_ref) WHERE waiting = 1;

-- What Stripe's objects are now: one row each, whatever its kind. The columns have numbers; the views name them.
CREATE TABLE mirror (
  book         {int} NOT NULL,
  kind         {int} NOT NULL,
  ref          {text} NOT NULL,
  is_stub      {int} NOT NULL,         -- known by reference alone
  deleted      {int} NOT NULL,
  known_at_s   {int},
  t1           {text},
  t2           {text},
  t3           {text},
  t4           {text},
  t5           {text},
  t6           {text},
  t7           {text},
  t8           {text},
  t9           {text},
  t10          {text},
  t11          {text},
  t12          {text},
  i1           {int},
  i2           {int},
  i3           {int},
  i4           {int},
  i5           {int},
  i6           {int},
  i7           {int},
  i8           {int},
  i9           {int},
  i10          {int},
  i11          {int},
  i12          {int},
  PRIMARY KEY (book, kind, ref)
) {strict_norowid};

-- What some of them consist of: the lines of an invoice, the items of a subscription, ... Replaced together.
CREATE TABLE mirror_part (
  book         {int} NOT NULL,
  kind         {int} NOT NULL,         -- the object's
  parent_ref   {text} NOT NULL,
  ref          {text} NOT NULL,
  t1           {text},
  t2           {text},
  t3           {text},
  t4           {text},
  i1           {int},
  i2           {int},
  i3           {int},
  i4           {int},
  i5           {int},
  i6           {int},
  PRIMARY KEY (book, kind, parent_ref, ref)
) {strict_norowid};

-- --- made of what store::mirror declares; its test writes what follows ---

CREATE VIEW stripe_invoice AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS currency,
  i1 AS total_minor,
  i2 AS subtotal_minor,
  i3 AS discount_minor,
  i4 AS tax_minor,
  i5 AS shipping_minor,
  i6 AS amount_due_minor,
  i7 AS amount_paid_minor,
  t3 AS billing_reason,
  t4 AS customer_ref,
  t5 AS subscription_ref,
  i8 AS paid_at,
  i9 AS created_at,
  i10 AS lines_truncated
FROM mirror WHERE kind = 1;

CREATE VIEW stripe_invoice_line AS SELECT book, parent_ref AS invoice_ref, ref,
  i1 AS amount_minor,
  i2 AS discount_minor,
  i3 AS tax_inclusive_minor,
  t1 AS product_ref,
  t2 AS price_ref,
  i4 AS period_start_at,
  i5 AS period_end_at
FROM mirror_part WHERE kind = 1;

CREATE VIEW stripe_checkout_session AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS mode,
  t2 AS status,
  t3 AS payment_status,
  t4 AS currency,
  i1 AS total_minor,
  i2 AS subtotal_minor,
  i3 AS discount_minor,
  i4 AS tax_minor,
  i5 AS shipping_minor,
  t5 AS customer_ref,
  t6 AS subscription_ref,
  t7 AS invoice_ref,
  t8 AS payment_intent_ref,
  t9 AS client_reference_id,
  i6 AS created_at
FROM mirror WHERE kind = 2;

CREATE VIEW stripe_payment_intent AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS currency,
  i1 AS amount_minor,
  i2 AS amount_received_minor,
  t3 AS customer_ref,
  i3 AS created_at
FROM mirror WHERE kind = 3;

CREATE VIEW stripe_charge AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS currency,
  i1 AS amount_minor,
  i2 AS amount_captured_minor,
  i3 AS amount_refunded_minor,
  t3 AS payment_intent_ref,
  t4 AS customer_ref,
  i4 AS created_at
FROM mirror WHERE kind = 4;

CREATE VIEW stripe_refund AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS currency,
  i1 AS amount_minor,
  t3 AS charge_ref,
  t4 AS payment_intent_ref,
  i2 AS created_at
FROM mirror WHERE kind = 5;

CREATE VIEW stripe_dispute AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS currency,
  i1 AS amount_minor,
  t3 AS reason,
  t4 AS charge_ref,
  t5 AS payment_intent_ref,
  i2 AS due_by_at,
  i3 AS reinstated_at,
  i4 AS created_at
FROM mirror WHERE kind = 6;

CREATE VIEW stripe_invoice_payment AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS currency,
  i1 AS amount_paid_minor,
  t3 AS invoice_ref,
  t4 AS payment_intent_ref,
  t5 AS charge_ref,
  i2 AS paid_at
FROM mirror WHERE kind = 7;

CREATE VIEW stripe_credit_note AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS currency,
  i1 AS total_minor,
  i2 AS out_of_band_minor,
  t3 AS invoice_ref,
  i3 AS created_at
FROM mirror WHERE kind = 8;

CREATE VIEW stripe_discount AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS coupon_ref,
  t2 AS promotion_code_ref,
  t3 AS customer_ref,
  t4 AS subscription_ref,
  t5 AS invoice_ref,
  t6 AS checkout_session_ref,
  i1 AS start_at,
  i2 AS end_at
FROM mirror WHERE kind = 9;

CREATE VIEW stripe_promotion_code AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS code,
  t2 AS coupon_ref,
  i1 AS active,
  t3 AS customer_ref,
  i2 AS max_redemptions,
  i3 AS times_redeemed,
  i4 AS expires_at,
  i5 AS created_at
FROM mirror WHERE kind = 10;

CREATE VIEW stripe_coupon AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS name,
  i1 AS percent_off_bps,
  i2 AS amount_off_minor,
  t2 AS currency,
  t3 AS duration,
  i3 AS duration_in_months,
  i4 AS max_redemptions,
  i5 AS times_redeemed,
  i6 AS redeem_by_at,
  i7 AS valid,
  i8 AS created_at
FROM mirror WHERE kind = 11;

CREATE VIEW stripe_customer AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS currency,
  i1 AS balance_minor,
  i2 AS created_at
FROM mirror WHERE kind = 12;

CREATE VIEW stripe_subscription AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS customer_ref,
  t3 AS currency,
  i1 AS cancel_at_period_end,
  t4 AS collection_method,
  t5 AS pause_behavior,
  t6 AS default_payment_method_ref,
  t7 AS latest_invoice_ref,
  t8 AS schedule_ref,
  i2 AS start_at,
  i3 AS period_start_at,
  i4 AS period_end_at,
  i5 AS trial_start_at,
  i6 AS trial_end_at,
  i7 AS cancel_at,
  i8 AS canceled_at,
  i9 AS ended_at,
  i10 AS created_at,
  i11 AS items_truncated
FROM mirror WHERE kind = 13;

CREATE VIEW stripe_subscription_item AS SELECT book, parent_ref AS subscription_ref, ref,
  t1 AS price_ref,
  t2 AS product_ref,
  i1 AS quantity,
  i2 AS period_start_at,
  i3 AS period_end_at
FROM mirror_part WHERE kind = 13;

CREATE VIEW stripe_product AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS name,
  i1 AS active,
  t2 AS default_price_ref,
  t3 AS unit_label,
  t4 AS tax_code,
  i2 AS updated_at,
  i3 AS created_at
FROM mirror WHERE kind = 14;

CREATE VIEW stripe_price AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS product_ref,
  i1 AS active,
  t2 AS type,
  t3 AS currency,
  i2 AS unit_amount_minor,
  t4 AS unit_amount_decimal,
  t5 AS billing_scheme,
  t6 AS recurring_interval,
  i3 AS recurring_interval_count,
  t7 AS usage_type,
  t8 AS lookup_key,
  t9 AS nickname,
  t10 AS tax_behavior,
  i4 AS created_at
FROM mirror WHERE kind = 15;

CREATE VIEW stripe_payment_method AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS type,
  t2 AS customer_ref,
  t3 AS brand,
  t4 AS last4,
  i1 AS exp_month,
  i2 AS exp_year,
  t5 AS country,
  t6 AS funding,
  i3 AS created_at
FROM mirror WHERE kind = 16;

CREATE VIEW stripe_setup_intent AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS customer_ref,
  t3 AS payment_method_ref,
  t4 AS usage,
  t5 AS failure_code,
  i1 AS created_at
FROM mirror WHERE kind = 17;

CREATE VIEW stripe_subscription_schedule AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS customer_ref,
  t3 AS subscription_ref,
  t4 AS end_behavior,
  i1 AS phases,
  i2 AS phase_start_at,
  i3 AS phase_end_at,
  i4 AS canceled_at,
  i5 AS completed_at,
  i6 AS released_at,
  i7 AS created_at
FROM mirror WHERE kind = 18;

CREATE VIEW stripe_payout AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS currency,
  i1 AS amount_minor,
  i2 AS automatic,
  t3 AS method,
  t4 AS destination_ref,
  t5 AS balance_transaction_ref,
  t6 AS failure_code,
  t7 AS reconciliation_status,
  i3 AS arrival_at,
  i4 AS created_at
FROM mirror WHERE kind = 19;

CREATE VIEW stripe_transfer AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS currency,
  i1 AS amount_minor,
  i2 AS amount_reversed_minor,
  t2 AS destination_ref,
  t3 AS destination_payment_ref,
  t4 AS source_transaction_ref,
  t5 AS balance_transaction_ref,
  t6 AS transfer_group,
  i3 AS created_at
FROM mirror WHERE kind = 20;

CREATE VIEW stripe_balance_transaction AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS type,
  t2 AS reporting_category,
  t3 AS status,
  t4 AS currency,
  i1 AS amount_minor,
  i2 AS fee_minor,
  i3 AS net_minor,
  t5 AS source_ref,
  t6 AS payout_ref,
  i4 AS available_at,
  i5 AS created_at
FROM mirror WHERE kind = 21;

CREATE VIEW stripe_application_fee AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS account_ref,
  t2 AS charge_ref,
  t3 AS currency,
  i1 AS amount_minor,
  i2 AS amount_refunded_minor,
  t4 AS balance_transaction_ref,
  i3 AS created_at
FROM mirror WHERE kind = 22;

CREATE VIEW stripe_application_fee_refund AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS application_fee_ref,
  t2 AS currency,
  i1 AS amount_minor,
  t3 AS balance_transaction_ref,
  i2 AS created_at
FROM mirror WHERE kind = 23;

CREATE VIEW stripe_account AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS type,
  t2 AS country,
  t3 AS default_currency,
  i1 AS charges_enabled,
  i2 AS payouts_enabled,
  i3 AS details_submitted,
  t4 AS disabled_reason,
  i4 AS currently_due,
  i5 AS created_at
FROM mirror WHERE kind = 24;

CREATE VIEW stripe_capability AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS account_ref,
  t2 AS capability,
  t3 AS status,
  i1 AS requested
FROM mirror WHERE kind = 25;

CREATE VIEW stripe_application AS SELECT book, ref, is_stub, deleted, known_at_s,
  i1 AS deauthorized
FROM mirror WHERE kind = 26;

CREATE VIEW stripe_early_fraud_warning AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS fraud_type,
  i1 AS actionable,
  t2 AS charge_ref,
  t3 AS payment_intent_ref,
  i2 AS created_at
FROM mirror WHERE kind = 27;

CREATE VIEW stripe_review AS SELECT book, ref, is_stub, deleted, known_at_s,
  i1 AS open,
  t1 AS reason,
  t2 AS opened_reason,
  t3 AS closed_reason,
  t4 AS charge_ref,
  t5 AS payment_intent_ref,
  i2 AS created_at
FROM mirror WHERE kind = 28;

CREATE VIEW stripe_entitlement_summary AS SELECT book, ref, is_stub, deleted, known_at_s,
  i1 AS active,
  i2 AS truncated
FROM mirror WHERE kind = 29;

CREATE VIEW stripe_entitlement AS SELECT book, parent_ref AS customer_ref, ref,
  t1 AS feature_ref,
  t2 AS lookup_key
FROM mirror_part WHERE kind = 29;

CREATE VIEW stripe_credit_grant AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS customer_ref,
  t2 AS name,
  t3 AS category,
  t4 AS currency,
  i1 AS amount_minor,
  i2 AS effective_at,
  i3 AS expires_at,
  i4 AS voided_at,
  i5 AS updated_at,
  i6 AS created_at
FROM mirror WHERE kind = 30;

CREATE VIEW stripe_meter AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS event_name,
  t3 AS display_name,
  t4 AS aggregation,
  i1 AS updated_at,
  i2 AS created_at
FROM mirror WHERE kind = 31;

CREATE VIEW stripe_alert_triggered AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS alert_ref,
  t2 AS customer_ref,
  t3 AS title,
  t4 AS meter_ref,
  i1 AS value,
  i2 AS threshold,
  i3 AS created_at
FROM mirror WHERE kind = 32;

CREATE VIEW stripe_portal_configuration AS SELECT book, ref, is_stub, deleted, known_at_s,
  i1 AS active,
  i2 AS is_default,
  t1 AS name,
  i3 AS cancel_enabled,
  t2 AS cancel_mode,
  i4 AS update_enabled,
  i5 AS payment_method_update_enabled,
  i6 AS updated_at,
  i7 AS created_at
FROM mirror WHERE kind = 33;

CREATE VIEW stripe_portal_session AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS customer_ref,
  t2 AS configuration_ref,
  t3 AS flow,
  i1 AS created_at
FROM mirror WHERE kind = 34;

CREATE VIEW stripe_tax_id AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS customer_ref,
  t2 AS type,
  t3 AS country,
  t4 AS verification,
  i1 AS created_at
FROM mirror WHERE kind = 35;

CREATE VIEW stripe_test_clock AS SELECT book, ref, is_stub, deleted, known_at_s,
  t1 AS status,
  t2 AS name,
  i1 AS frozen_at,
  i2 AS deletes_after_at,
  i3 AS created_at
FROM mirror WHERE kind = 36;
