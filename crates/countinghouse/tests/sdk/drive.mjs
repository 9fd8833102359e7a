// Drives the sandbox with Stripe's own Node library, as a merchant's code would, and listens to its webhooks.
// Prints one line of JSON; any broken expectation ends it with a message and status 1.
// Environment: SANDBOX (http://127.0.0.1:port). The library is found beside this file's copy.

import assert from "node:assert/strict";
import http from "node:http";
import Stripe from "stripe";

const base = new URL(process.env.SANDBOX);
const stripe = new Stripe("sk_test_sdk_node", {
  host: base.hostname,
  port: base.port,
  protocol: "http",
  maxNetworkRetries: 2,
});
const DAY = 86_400;
const done = {};

// --- a receiver that checks every signature with the library's own constructEvent
const received = [];
let refused = 0;
let secret = null;
const receiver = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    try {
      received.push(stripe.webhooks.constructEvent(Buffer.concat(chunks), request.headers["stripe-signature"], secret));
      response.writeHead(200).end();
    } catch (why) {
      refused += 1;
      response.writeHead(400).end(String(why.message));
    }
  });
});
await new Promise((ready) => receiver.listen(0, "127.0.0.1", ready));
const endpoint = await stripe.webhookEndpoints.create({
  url: `http://127.0.0.1:${receiver.address().port}/hook`,
  enabled_events: ["*"],
});
secret = endpoint.secret;
assert.match(secret, /^whsec_/);

// --- what is sold, and a partner's code
const product = await stripe.products.create({ name: "Example Pro" });
const basic = await stripe.prices.create({
  product: product.id, currency: "usd", unit_amount: 2000, recurring: { interval: "month" },
});
const pro = await stripe.prices.create({
  product: product.id, currency: "usd", unit_amount: 5000, recurring: { interval: "month" },
});
const coupon = await stripe.coupons.create({ percent_off: 20, duration: "repeating", duration_in_months: 3 });
const code = await stripe.promotionCodes.create({
  promotion: { type: "coupon", coupon: coupon.id }, code: "ADA20", metadata: { partner: "ada" },
});
assert.equal(code.code, "ADA20");
await assert.rejects(
  stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: coupon.id }, code: "ada20" }),
  (why) => why.type === "StripeInvalidRequestError",
);

// --- errors, idempotency, paging, expansion
await assert.rejects(stripe.customers.retrieve("cus_nobody"), (why) => why.code === "resource_missing" && why.statusCode === 404);
await assert.rejects(stripe.customers.create({ colour: "red" }), (why) => why.code === "parameter_unknown");
const twice = { idempotencyKey: "the-same-intent" };
const first = await stripe.customers.create({ email: "twice@example.com" }, twice);
const again = await stripe.customers.create({ email: "twice@example.com" }, twice);
assert.equal(first.id, again.id);
await assert.rejects(
  stripe.customers.create({ email: "other@example.com" }, twice),
  (why) => why.type === "StripeIdempotencyError",
);
for (let number = 0; number < 25; number += 1) await stripe.customers.create({ name: `Row ${number}` });
let listed = 0;
for await (const row of stripe.customers.list({ limit: 10 })) { assert.equal(row.object, "customer"); listed += 1; }
assert.equal(listed, 26);
const expanded = await stripe.prices.retrieve(basic.id, { expand: ["product"] });
assert.equal(expanded.product.name, "Example Pro");

// --- a year on a test clock
const start = 1_767_225_600;
const clock = await stripe.testHelpers.testClocks.create({ frozen_time: start, name: "a year" });
const until = async (time) => {
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: time });
  for (;;) {
    const now = await stripe.testHelpers.testClocks.retrieve(clock.id);
    if (now.status === "ready") return;
    await new Promise((later) => setTimeout(later, 20));
  }
};
const customer = await stripe.customers.create({ email: "ada@example.com", test_clock: clock.id });
const visa = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: visa.id } });
let subscription = await stripe.subscriptions.create({
  customer: customer.id, items: [{ price: basic.id }], discounts: [{ promotion_code: code.id }],
  expand: ["latest_invoice.payments"],
});
assert.equal(subscription.status, "active");
assert.equal(subscription.latest_invoice.total, 1600);
assert.equal(subscription.latest_invoice.payments.data.length, 1);
const month = (count) => Math.floor(Date.UTC(2026, count, 1, 2) / 1000);
for (let count = 1; count <= 12; count += 1) await until(month(count));
const year = await stripe.invoices.list({ subscription: subscription.id, limit: 100 });
assert.equal(year.data.length, 13);
assert.ok(year.data.every((invoice) => invoice.status === "paid"));
const totals = year.data.map((invoice) => invoice.total).reverse();
assert.deepEqual(totals.slice(0, 3), [1600, 1600, 1600]);
assert.deepEqual(totals.slice(3), Array(10).fill(2000));
done.renewals = year.data.length - 1;

// --- upgrade with proration in the middle of a month
await until(month(12) + 15 * DAY);
subscription = await stripe.subscriptions.retrieve(subscription.id);
subscription = await stripe.subscriptions.update(subscription.id, {
  items: [{ id: subscription.items.data[0].id, price: pro.id }],
  proration_behavior: "always_invoice",
  expand: ["latest_invoice"],
});
const proration = subscription.latest_invoice;
assert.equal(proration.billing_reason, "subscription_update");
const amounts = proration.lines.data.map((line) => line.amount).sort((a, b) => a - b);
assert.equal(amounts.length, 2);
assert.ok(amounts[0] < 0 && amounts[1] > 0, String(amounts));
assert.equal(proration.total, amounts[0] + amounts[1]);
done.proration = proration.total;

// --- a card that fails, and the recovery
const bad = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer: customer.id });
await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: bad.id } });
await until(month(13));
subscription = await stripe.subscriptions.retrieve(subscription.id, { expand: ["latest_invoice"] });
assert.equal(subscription.status, "past_due");
assert.equal(subscription.latest_invoice.status, "open");
await assert.rejects(stripe.invoices.pay(subscription.latest_invoice.id), (why) => why.type === "StripeCardError" && why.code === "card_declined");
await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: visa.id } });
const recovered = await stripe.invoices.pay(subscription.latest_invoice.id);
assert.equal(recovered.status, "paid");
subscription = await stripe.subscriptions.retrieve(subscription.id);
assert.equal(subscription.status, "active");
done.recovered = true;

// --- refunds and disputes
const bought = await stripe.paymentIntents.create({
  amount: 4200, currency: "usd", payment_method: "pm_card_visa", confirm: true,
  automatic_payment_methods: { enabled: true, allow_redirects: "never" },
});
assert.equal(bought.status, "succeeded");
const refund = await stripe.refunds.create({ payment_intent: bought.id, amount: 1200 });
assert.equal(refund.status, "succeeded");
const charge = await stripe.charges.retrieve(bought.latest_charge, { expand: ["balance_transaction"] });
assert.equal(charge.amount_refunded, 1200);
assert.equal(charge.balance_transaction.net, charge.balance_transaction.amount - charge.balance_transaction.fee);
await assert.rejects(stripe.refunds.create({ payment_intent: bought.id, amount: 9900 }), (why) => why.type === "StripeInvalidRequestError");
for (const [text, outcome] of [["losing_evidence", "lost"], ["winning_evidence", "won"]]) {
  const paid = await stripe.paymentIntents.create({
    amount: 3000, currency: "usd", payment_method: "pm_card_createDispute", confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
  });
  const disputes = await stripe.disputes.list({ payment_intent: paid.id });
  assert.equal(disputes.data.length, 1);
  assert.equal(disputes.data[0].status, "needs_response");
  const closed = await stripe.disputes.update(disputes.data[0].id, { evidence: { uncategorized_text: text }, submit: true });
  const settled = closed.status === outcome ? closed : await stripe.disputes.retrieve(closed.id);
  assert.equal(settled.status, outcome);
  done[outcome] = settled.id;
}

// --- a checkout with the code, paid by a person's browser (here: by its forms)
const session = await stripe.checkout.sessions.create({
  mode: "payment", line_items: [{ price_data: { currency: "usd", unit_amount: 10_000, product_data: { name: "Workshop" } }, quantity: 1 }],
  discounts: [{ promotion_code: code.id }],
  success_url: "https://example.com/thanks?session={CHECKOUT_SESSION_ID}",
});
assert.equal(session.status, "open");
assert.equal(session.amount_total, 8000);
assert.match(session.url, /^http/);
const pay = (url, card) => fetch(url, {
  method: "POST", redirect: "manual",
  body: new URLSearchParams({
    action: "pay", email: "buyer@example.com", name: "A Buyer", number: card, expiry: "12 / 34", cvc: "123",
    country: "US", postal_code: "10001",
  }),
});
const page = await fetch(session.url);
assert.equal(page.status, 200);
assert.match(await page.text(), /Workshop/);
const declined = await pay(session.url, "4000000000000002");
assert.equal(declined.status, 422);
assert.match(await declined.text(), /Your card was declined/);
const paid = await pay(session.url, "4242424242424242");
assert.equal(paid.status, 303);
assert.match(paid.headers.get("location"), new RegExp(`session=${session.id}`));
const complete = await stripe.checkout.sessions.retrieve(session.id, { expand: ["line_items", "payment_intent"] });
assert.equal(complete.status, "complete");
assert.equal(complete.payment_status, "paid");
assert.equal(complete.payment_intent.amount_received, 8000);
assert.equal(complete.line_items.data.length, 1);

// --- every event came, each signature held, and the list agrees with what came
const all = [];
for await (const event of stripe.events.list({ limit: 100 })) all.push(event.id);
const deadline = Date.now() + 20_000;
const missing = () => all.filter((id) => !received.some((event) => event.id === id));
while (missing().length > 0 && Date.now() < deadline) await new Promise((later) => setTimeout(later, 50));
const madeAfterEndpoint = all.length;
assert.equal(refused, 0);
done.events_listed = madeAfterEndpoint;
done.events_received = received.length;
done.events_missing = missing().length;
assert.equal(done.events_missing, 0);
const kinds = new Set(received.map((event) => event.type));
for (const kind of [
  "customer.created", "customer.subscription.created", "customer.subscription.updated", "customer.discount.created",
  "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_failed", "invoice_payment.paid",
  "payment_intent.succeeded", "charge.succeeded", "charge.refunded", "refund.created",
  "charge.dispute.created", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
  "checkout.session.completed", "promotion_code.created", "coupon.created", "product.created", "price.created",
]) assert.ok(kinds.has(kind), `no ${kind} came`);
receiver.close();
console.log(JSON.stringify(done));
process.exit(0);
