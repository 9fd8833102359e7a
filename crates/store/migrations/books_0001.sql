-- The books: facts, what is to be done, and the double-entry journal. Everything except operator_log is a
-- function of the inbox and operator_log, and can be dropped and rebuilt.
-- Times are unix milliseconds (`_at`) or Stripe's unix seconds (`_s`); amounts minor units (`_minor`).

CREATE TABLE book (
  id           {serial},
  account      {text} NOT NULL,
  livemode     {int} NOT NULL,
  newest_s     {int} NOT NULL DEFAULT 0,   -- `created` of the newest fact, unix seconds
  UNIQUE (account, livemode)
) {strict};

-- --- inputs -----------------------------------------------------------------------------------

CREATE TABLE operator_log (
  seq          {int} PRIMARY KEY,
  actor        {text} NOT NULL,
  effective_at {int},
  recorded_at  {int} NOT NULL,
  action       {text} NOT NULL
) {strict};
{append_only:operator_log}

-- Locked shared by every true-up and exclusively by whoever appends to the log, so that no true-up
-- commits with a registry that was replaced while it worked.
CREATE TABLE operator_head (
  id           {int} PRIMARY KEY,
  seq          {int} NOT NULL
) {strict};
INSERT INTO operator_head (id, seq) VALUES (1, 0);

-- For people and analysts: the log's partners and mappings as rows. Written with the log.
CREATE TABLE partner_account (
  handle       {text} PRIMARY KEY,
  partner_ref  {text} NOT NULL UNIQUE,
  name         {text} NOT NULL,
  email        {text} NOT NULL,
  active       {int} NOT NULL,
  rate_bps     {int},
  created_at   {int} NOT NULL
) {strict};

CREATE TABLE discount_mapping (
  seq              {int} PRIMARY KEY,          -- operator_log.seq
  book             {int} NOT NULL,
  partner_handle   {text} NOT NULL,
  public_code      {text},
  stripe_promo_ref {text},
  stripe_coupon_ref {text},
  effective_at     {int},                      -- null: open to the past
  ended_at         {int}
) {strict};

-- --- facts ------------------------------------------------------------------------------------

CREATE TABLE fact (
  book         {int} NOT NULL,
  kind         {int} NOT NULL,
  ref          {text} NOT NULL,
  at_s         {int} NOT NULL,
  event_ref    {text} NOT NULL,
  digest       {int} NOT NULL,         -- of body and tracked: two bodies under one event id both count
  rank         {int} NOT NULL,         -- higher for states that cannot be left again
  tracked      {text} NOT NULL,        -- what orders versions of one second, JSON; '' when there is nothing
  body         {text} NOT NULL,
  facts_version {int} NOT NULL,
  PRIMARY KEY (book, kind, ref, at_s, event_ref, digest)
) {strict};

CREATE TABLE link (
  book         {int} NOT NULL,
  from_kind    {int} NOT NULL,
  from_ref     {text} NOT NULL,
  to_kind      {int} NOT NULL,
  to_ref       {text} NOT NULL,
  PRIMARY KEY (book, from_kind, from_ref, to_kind, to_ref)
) {strict_norowid};
CREATE INDEX link_back ON link (book, to_kind, to_ref, from_kind, from_ref);

CREATE TABLE note (
  book         {int} NOT NULL,
  seq          {int} NOT NULL,         -- inbox.seq
  line         {int} NOT NULL,
  code         {text} NOT NULL,
  path         {text} NOT NULL,
  detail       {text} NOT NULL,
  PRIMARY KEY (book, seq, line)
) {strict_norowid};

-- --- work -------------------------------------------------------------------------------------

-- projected: the last inbox.seq whose facts are in the books. Compare-and-set: the fence of the projector.
CREATE TABLE cursor (
  name         {text} PRIMARY KEY,
  value        {int} NOT NULL
) {strict};
INSERT INTO cursor (name, value) VALUES ('projected', 0);

-- Inbox rows that are neither pending nor done: being retried, or parked with a reason.
CREATE TABLE work (
  seq          {int} PRIMARY KEY,      -- inbox.seq
  book         {int} NOT NULL,
  state        {text} NOT NULL CHECK (state IN ('pending', 'parked')),
  reason       {text} NOT NULL,
  attempts     {int} NOT NULL,
  not_before   {int} NOT NULL
) {strict};

-- Insert-only dirty marks. kind < 100: a Stripe object kind. See store::mark for the others.
CREATE TABLE mark (
  id           {serial},
  book         {int} NOT NULL,
  kind         {int} NOT NULL,
  ref          {text} NOT NULL,
  seq          {int} NOT NULL,         -- inbox.seq that caused it; 0: an operator or another layer
  attempts     {int} NOT NULL,
  not_before   {int} NOT NULL,
  parked       {text}                  -- reason; null: to be done
) {strict};
CREATE INDEX mark_key ON mark (book, kind, ref);
CREATE INDEX mark_due ON mark (not_before, id) WHERE parked IS NULL;

-- A mark on many: expanded into plain marks in pages.
CREATE TABLE range_mark (
  id           {serial},
  book         {int} NOT NULL,         -- 0: every book
  kind         {int} NOT NULL,
  ref          {text} NOT NULL,
  seq          {int} NOT NULL,         -- inbox.seq that caused it; 0: an operator
  after_kind   {int} NOT NULL,
  after_ref    {text} NOT NULL
) {strict};

-- --- what the books say -----------------------------------------------------------------------

CREATE TABLE subject (
  id           {serial},
  book         {int} NOT NULL,
  kind         {int} NOT NULL,
  ref          {text} NOT NULL,
  rev          {int} NOT NULL,         -- entries posted so far
  output       {text},                 -- what the next layer reads (JSON of the rule's own type)
  rules_version {int} NOT NULL,
  UNIQUE (book, kind, ref)
) {strict};

CREATE TABLE claim (
  subject      {int} PRIMARY KEY,
  book         {int} NOT NULL,
  subscription_ref {text} NOT NULL,
  body         {text} NOT NULL
) {strict};
CREATE INDEX claim_subscription ON claim (book, subscription_ref);

-- One row per sale and partner: the canonical export without its time-dependent buckets.
CREATE TABLE sale (
  subject      {int} NOT NULL,
  partner      {text} NOT NULL,        -- handle; '' is nobody
  book         {int} NOT NULL,
  sale         {text} NOT NULL,
  kind         {int} NOT NULL,
  code         {text},
  reason       {text} NOT NULL,
  share_bps    {int} NOT NULL,
  currency     {text} NOT NULL,
  gross_minor  {int} NOT NULL,
  discount_minor {int} NOT NULL,
  tax_minor    {int} NOT NULL,
  shipping_minor {int} NOT NULL,
  total_minor  {int} NOT NULL,
  paid_minor   {int} NOT NULL,
  refunded_minor {int} NOT NULL,
  disputed_minor {int} NOT NULL,
  net_sold_minor {int} NOT NULL,
  net_minor    {int} NOT NULL,
  rate_bps     {int},
  terms_version {int},
  commission_minor {int} NOT NULL,
  earned_minor {int} NOT NULL,         -- commission before anything was taken back
  held         {int} NOT NULL,
  partly_paid  {int} NOT NULL,
  stripe_invoice_ref {text},
  stripe_session_ref {text},
  stripe_payment_intent_ref {text},
  stripe_customer_ref {text},
  stripe_subscription_ref {text},
  sale_at      {int} NOT NULL,
  available_at {int},
  PRIMARY KEY (subject, partner)
) {strict};
CREATE INDEX sale_book ON sale (book, sale_at, sale, partner);
CREATE INDEX sale_partner ON sale (partner, sale_at);
-- By whatever id a person has in hand. (A sale with an invoice is named after it.)
CREATE INDEX sale_ref ON sale (sale);
CREATE INDEX sale_session ON sale (stripe_session_ref) WHERE stripe_session_ref IS NOT NULL;
CREATE INDEX sale_intent ON sale (stripe_payment_intent_ref) WHERE stripe_payment_intent_ref IS NOT NULL;

-- A payment that belongs to no known sale: listed with its age, never paid on.
CREATE TABLE unlinked_payment (
  subject      {int} PRIMARY KEY,
  book         {int} NOT NULL,
  ref          {text} NOT NULL,
  currency     {text} NOT NULL,
  amount_minor {int} NOT NULL,
  created_at   {int} NOT NULL
) {strict};

CREATE TABLE entry (
  id           {serial},
  book         {int} NOT NULL,
  subject      {int} NOT NULL,
  rev          {int} NOT NULL,
  sale         {text} NOT NULL,
  sale_at      {int} NOT NULL,
  effective_at {int} NOT NULL,         -- of the newest fact behind it
  recorded_at  {int} NOT NULL,
  reason       {text} NOT NULL,
  terms_version {int},
  rules_version {int} NOT NULL,
  lines        {text} NOT NULL,        -- the arithmetic, JSON
  causes       {text} NOT NULL,        -- event ids, JSON array
  UNIQUE (subject, rev)
) {strict};
CREATE INDEX entry_book ON entry (book, id);
{append_only:entry}

-- Each row moves one amount from one account to another: an entry is balanced in every currency because
-- there is no way to write down one that is not.
CREATE TABLE posting (
  entry        {int} NOT NULL REFERENCES entry (id),
  line         {int} NOT NULL,
  debit        {int} NOT NULL,
  credit       {int} NOT NULL,
  partner      {text} NOT NULL,
  currency     {text} NOT NULL,
  amount_minor {int} NOT NULL,
  PRIMARY KEY (entry, line),
  CONSTRAINT posting_amount CHECK (amount_minor > 0),
  CONSTRAINT posting_two_accounts CHECK (debit <> credit)
) {strict};
{append_only:posting}

-- What the books say now, kept with the postings; verify recomputes it from them.
CREATE TABLE position (
  subject      {int} NOT NULL,
  account      {int} NOT NULL,
  partner      {text} NOT NULL,
  currency     {text} NOT NULL,
  minor        {int} NOT NULL,         -- debits less credits
  PRIMARY KEY (subject, account, partner, currency)
) {strict};

-- --- for readers ------------------------------------------------------------------------------

-- The partner-facing view: one row per sale and partner, in the words of the seeds.
CREATE VIEW revenue_ledger AS
SELECT b.account AS stripe_account, b.livemode, s.partner AS partner_handle, s.sale AS sale_ref,
       s.code AS public_code, s.reason, s.stripe_session_ref, s.stripe_invoice_ref, s.stripe_customer_ref,
       s.stripe_subscription_ref, s.currency, s.gross_minor, s.discount_minor, s.tax_minor, s.shipping_minor,
       s.paid_minor, s.refunded_minor, s.disputed_minor, s.net_minor, s.rate_bps, s.commission_minor,
       CASE WHEN s.held = 1 AND s.commission_minor > 0 THEN 'held'
            WHEN s.commission_minor > 0 THEN 'earned'
            WHEN s.earned_minor > 0 THEN 'reversed'
            ELSE 'none' END AS ledger_status,
       s.sale_at AS recorded_at, s.available_at
FROM sale s JOIN book b ON b.id = s.book;

-- Both sides of every posting, signed: debits positive.
CREATE VIEW posting_side AS
SELECT entry, line, debit AS account, partner, currency, amount_minor AS minor FROM posting
UNION ALL
SELECT entry, line, credit AS account, partner, currency, -amount_minor AS minor FROM posting;
