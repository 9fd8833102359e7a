"""Drives the sandbox with Stripe's own Python library, and listens to its webhooks.

Prints one line of JSON; any broken expectation ends it with a traceback and status 1.
Environment: SANDBOX (http://127.0.0.1:port).
"""

import http.server
import json
import os
import threading
import time

import stripe

client = stripe.StripeClient(
    "sk_test_sdk_python",
    base_addresses={"api": os.environ["SANDBOX"]},
    max_network_retries=2,
)
DAY = 86_400
done = {}
received, refused = [], []
secret = None


class Receiver(http.server.BaseHTTPRequestHandler):
    """Checks every signature with the library's own construct_event."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            received.append(stripe.Webhook.construct_event(body, self.headers["stripe-signature"], secret))
            status = 200
        except Exception as why:  # the sender is told, the test counts
            refused.append(repr(why))
            status = 400
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()


def refuses(kind, call, **said):
    try:
        call()
    except kind as why:
        for name, value in said.items():
            assert getattr(why, name) == value, (name, getattr(why, name), value)
        return
    raise AssertionError(f"not refused with {kind.__name__}")


v1 = client.v1
endpoint = v1.webhook_endpoints.create(
    {"url": f"http://127.0.0.1:{server.server_port}/hook", "enabled_events": ["*"]}
)
secret = endpoint.secret

product = v1.products.create({"name": "Example Pro"})
monthly = {"interval": "month"}
basic = v1.prices.create({"product": product.id, "currency": "eur", "unit_amount": 1999, "recurring": monthly})
pro = v1.prices.create({"product": product.id, "currency": "eur", "unit_amount": 4999, "recurring": monthly})
coupon = v1.coupons.create({"amount_off": 500, "currency": "eur", "duration": "once"})
code = v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "BOB5"})

refuses(stripe.InvalidRequestError, lambda: v1.coupons.retrieve("nothing"), code="resource_missing", http_status=404)
refuses(stripe.InvalidRequestError, lambda: v1.coupons.create({"duration": "once"}))
listed = 0
for number in range(23):
    v1.customers.create({"name": f"Row {number}"})
for _ in v1.customers.list({"limit": 10}).auto_paging_iter():
    listed += 1
assert listed == 23, listed

start = 1_767_225_600
clock = v1.test_helpers.test_clocks.create({"frozen_time": start})


def until(moment):
    v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": moment})
    while v1.test_helpers.test_clocks.retrieve(clock.id).status != "ready":
        time.sleep(0.02)


customer = v1.customers.create({"email": "bob@example.com", "test_clock": clock.id})
card = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
subscription = v1.subscriptions.create(
    {
        "customer": customer.id,
        "items": [{"price": basic.id, "quantity": 2}],
        "discounts": [{"promotion_code": code.id}],
        "trial_period_days": 14,
        "expand": ["latest_invoice"],
    }
)
assert subscription.status == "trialing"
assert subscription.latest_invoice.total == 0
until(start + 14 * DAY + 7200)
subscription = v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
assert subscription.status == "active"
trial_end = subscription.trial_end
months = 0
for month in range(1, 13):
    until(trial_end + month * 31 * DAY)
    months += 1
invoices = list(v1.invoices.list({"subscription": subscription.id, "limit": 100}).auto_paging_iter())
paid = [invoice for invoice in invoices if invoice.total > 0]
assert len(paid) >= 13, len(paid)
assert all(invoice.status == "paid" for invoice in invoices)
assert {invoice.total for invoice in paid[:-1]} == {3998}
done["renewals"] = len(paid) - 1

item = v1.subscriptions.retrieve(subscription.id)["items"].data[0]
v1.subscriptions.update(
    subscription.id,
    {"items": [{"id": item.id, "price": pro.id, "quantity": 1}], "proration_behavior": "create_prorations"},
)
pending = v1.invoice_items.list({"customer": customer.id, "pending": True})
assert len(pending.data) == 2, len(pending.data)
done["proration"] = sum(row.amount for row in pending.data)

bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": bad.id}})
now = v1.test_helpers.test_clocks.retrieve(clock.id).frozen_time
until(now + 33 * DAY)
subscription = v1.subscriptions.retrieve(subscription.id)
assert subscription.status == "past_due", subscription.status
v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
v1.invoices.pay(subscription.latest_invoice)
assert v1.subscriptions.retrieve(subscription.id).status == "active"
done["recovered"] = True

accepted = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}, "confirm": True}
declined = {"amount": 900, "currency": "eur", "payment_method": "pm_card_chargeDeclinedInsufficientFunds", **accepted}
refuses(stripe.CardError, lambda: v1.payment_intents.create(declined), code="card_declined")
bought = v1.payment_intents.create({"amount": 900, "currency": "eur", "payment_method": "pm_card_visa", **accepted})
assert v1.refunds.create({"payment_intent": bought.id}).amount == 900
for text, outcome in [("losing_evidence", "lost"), ("winning_evidence", "won")]:
    disputed = v1.payment_intents.create(
        {"amount": 2500, "currency": "eur", "payment_method": "pm_card_createDispute", **accepted}
    )
    dispute = v1.disputes.list({"payment_intent": disputed.id}).data[0]
    v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}, "submit": True})
    assert v1.disputes.retrieve(dispute.id).status == outcome
    done[outcome] = dispute.id

session = v1.checkout.sessions.create(
    {
        "mode": "subscription",
        "line_items": [{"price": basic.id, "quantity": 1}],
        "allow_promotion_codes": True,
        "success_url": "https://example.com/thanks?session={CHECKOUT_SESSION_ID}",
    }
)
assert session.status == "open" and session.url.startswith("http")
assert v1.checkout.sessions.expire(session.id).status == "expired"

every = [event.id for event in v1.events.list({"limit": 100}).auto_paging_iter()]
deadline = time.time() + 20
missing = set(every) - {event.id for event in received}
while missing and time.time() < deadline:
    time.sleep(0.05)
    missing = set(every) - {event.id for event in received}
assert not refused, refused[:3]
assert not missing, len(missing)
done.update(events_listed=len(every), events_received=len(received))
print(json.dumps(done))
