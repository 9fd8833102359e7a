//! The little worlds: which objects there are, which facts can arrive about them and what they link, and
//! what the books should say. Sets of objects and of facts are bit sets; an object's number is also its
//! place in the lock order.

/// What an object is to the walk; the same four roles as in the engine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A subject; the walk goes through it.
    Root,
    /// Not a subject, but the walk goes through it (a refund).
    Payment,
    /// A subject with an output; the walk reaches it from a sale that names it and stops there.
    Subscription,
    /// A subject with an output; read without being locked or walked to (a discount, a promotion code).
    Mirror,
}

pub(crate) struct Object {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
}

pub(crate) struct Fact {
    pub(crate) name: &'static str,
    /// The object it is about.
    pub(crate) about: u8,
    /// From whom to whom. Not always from the object it is about: a discount's body can say who owns it.
    pub(crate) link: Option<(u8, u8)>,
}

/// Facts by number.
fn known(facts: &'static [Fact], set: u8) -> impl Iterator<Item = (usize, &'static Fact)> {
    facts.iter().enumerate().filter(move |(index, _)| set >> index & 1 == 1)
}

/// What a true-up has read when it computes.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// Facts whose links the walk saw.
    pub(crate) links: u8,
    /// Facts whose bodies were loaded.
    pub(crate) facts: u8,
    /// 0 before the operator's change, 1 after it.
    pub(crate) registry: u8,
    /// Objects being computed; everything else is taken from `said` and `claims`.
    pub(crate) keys: u8,
    pub(crate) said: [u8; SUBJECTS_MAX],
    pub(crate) claims: u8,
    pub(crate) world: &'a World,
}

impl View<'_> {
    pub(crate) fn knows(&self, fact: usize) -> bool {
        self.facts >> fact & 1 == 1
    }

    pub(crate) fn linked(&self, fact: usize) -> bool {
        self.links >> fact & 1 == 1
    }

    fn computes(&self, object: usize) -> bool {
        self.keys >> object & 1 == 1
    }
}

pub(crate) const SUBJECTS_MAX: usize = 4;

/// Positions (of sales) and outputs (of subscriptions and mirrors) by object, and the claims of sales.
pub(crate) type Said = ([u8; SUBJECTS_MAX], u8);

pub(crate) struct World {
    pub(crate) name: &'static str,
    pub(crate) objects: &'static [Object],
    pub(crate) facts: &'static [Fact],
    /// Whether an operator may change the registry once.
    pub(crate) operator: bool,
    pub(crate) due: fn(View<'_>) -> Said,
}

impl World {
    /// The objects of `keys` that have one of these roles.
    pub(crate) fn only(&self, keys: u8, roles: &[Role]) -> u8 {
        let fits = |index: &usize| keys >> index & 1 == 1 && roles.contains(&self.objects[*index].role);
        (0..self.objects.len()).filter(fits).fold(0, |set, index| set | 1 << index)
    }

    pub(crate) fn subjects(&self, keys: u8) -> u8 {
        self.only(keys, &[Role::Root, Role::Subscription, Role::Mirror])
    }

    pub(crate) fn outputs(&self, keys: u8) -> u8 {
        self.only(keys, &[Role::Subscription, Role::Mirror])
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.objects.iter().any(|object| object.role == role)
    }

    pub(crate) fn all(&self) -> u8 {
        (1 << self.objects.len()) - 1
    }

    /// One statement of the walk: the objects next to `frontier`, and the facts whose links were read.
    pub(crate) fn neighbours(&self, frontier: u8, facts: u8) -> (u8, u8) {
        let (mut found, mut seen) = (0, 0);
        for (index, fact) in known(self.facts, facts) {
            let Some((from, to)) = fact.link else { continue };
            for (near, far) in [(from, to), (to, from)] {
                if frontier >> near & 1 == 1 {
                    seen |= 1 << index;
                    found |= u8::from(self.walks(near, far, from)) << far;
                }
            }
        }
        (found, seen)
    }

    fn walks(&self, near: u8, far: u8, from: u8) -> bool {
        let role = |object: u8| self.objects[usize::from(object)].role;
        let in_component = |object: u8| matches!(role(object), Role::Root | Role::Payment);
        in_component(near) && (in_component(far) || (role(far) == Role::Subscription && near == from))
    }

    /// The objects that name one of `outputs`: who is marked when an output changed.
    pub(crate) fn dependents(&self, outputs: u8, facts: u8) -> u8 {
        let links = known(self.facts, facts).filter_map(|(_, fact)| fact.link);
        links.filter(|(_, to)| outputs >> to & 1 == 1).fold(0, |set, (from, _)| set | 1 << from)
    }

    /// Everything a mark on `keys` can lead to, through any link and any number of true-ups.
    pub(crate) fn reach(&self, keys: u8, facts: u8) -> u8 {
        let mut reached = keys;
        for _ in self.objects {
            for (_, fact) in known(self.facts, facts) {
                let ends = fact.link.map_or(0, |(from, to)| 1 << from | 1 << to);
                reached |= if reached & ends == 0 { 0 } else { ends };
            }
        }
        reached
    }

    /// The pure recompute: what the books say when everything in `facts` is known at once.
    pub(crate) fn level(&self, facts: u8, registry: u8) -> Said {
        let view =
            View { links: facts, facts, registry, keys: self.all(), said: [0; 4], claims: 0, world: self };
        (self.due)(view)
    }

    pub(crate) fn names(&self, keys: u8) -> String {
        let named = (0..self.objects.len()).filter(|index| keys >> index & 1 == 1);
        let names: Vec<_> = named.map(|index| self.objects[index].name).collect();
        format!("{{{}}}", names.join(" "))
    }
}

const fn root(name: &'static str) -> Object {
    Object { name, role: Role::Root }
}

/// An intent of 100, refunded by 40, that turns out to have paid invoice in_1 (60) and in_2 (40).
pub(crate) static PAYMENT: World = World {
    name: "payment",
    objects: &[root("in_1"), root("in_2"), root("pi"), Object { name: "re", role: Role::Payment }],
    facts: &[
        Fact { name: "pi: paid 100", about: 2, link: None },
        Fact { name: "re: 40 of pi", about: 3, link: Some((3, 2)) },
        Fact { name: "in_1: finalized", about: 0, link: None },
        Fact { name: "pi: names in_1", about: 2, link: Some((2, 0)) },
        Fact { name: "in_2: part of pi", about: 1, link: Some((1, 2)) },
    ],
    operator: false,
    due: |view| {
        let [paid, refunded, invoice_1] = [0, 1, 2].map(|fact| view.knows(fact));
        let (linked_1, linked_2) = (view.linked(3), view.linked(4));
        // (paid, refunded) of the parts: 60:40 and 24:16 when both invoices share the intent.
        let whole = (100, 40);
        let left = |(paid_minor, refunded_minor): (u8, u8)| match (paid, refunded && view.linked(1)) {
            (true, true) => paid_minor - refunded_minor,
            (true, false) => paid_minor,
            (false, _) => 0,
        };
        let in_1 = if linked_2 { left((60, 24)) } else { left(whole) };
        let in_2 = if linked_1 { left((40, 16)) } else { left(whole) };
        let alias = linked_1 || linked_2;
        let due_1 = if linked_1 && invoice_1 { in_1 } else { 0 };
        let due_2 = if linked_2 && view.knows(4) { in_2 } else { 0 };
        (posted(view, [due_1, due_2, if alias { 0 } else { left(whole) }, 0]), 0)
    },
};

/// A refund that one version of its body ties to a charge and another to an intent: two subjects whose
/// only tie is an object that is no subject. Once both are known it counts at the intent alone. Its amount
/// may be known before anything it belongs to, so that its mark leads to no subject at all.
pub(crate) static REFUND: World =
    World { name: "refund", objects: REFUND_OBJECTS, facts: REFUND_FACTS, operator: false, due: refund_due };

/// The same with the amount known from the start.
pub(crate) static REFUND_TIES: World = World {
    name: "refund's ties",
    objects: REFUND_OBJECTS,
    facts: REFUND_FACTS.split_at(AMOUNT).0,
    operator: false,
    due: refund_due,
};

/// The same, with a lock row for the refund too.
pub(crate) static REFUND_LOCKED: World = World {
    name: "refund's ties, every object of the component locked",
    objects: &[root("ch"), root("pi"), root("re")],
    facts: REFUND_FACTS.split_at(AMOUNT).0,
    operator: false,
    due: refund_due,
};

const REFUND_OBJECTS: &[Object] = &[root("ch"), root("pi"), Object { name: "re", role: Role::Payment }];

const AMOUNT: usize = 4;

const REFUND_FACTS: &[Fact] = &[
    Fact { name: "ch: paid 100", about: 0, link: None },
    Fact { name: "pi: paid 100", about: 1, link: None },
    Fact { name: "re: of ch", about: 2, link: Some((2, 0)) },
    Fact { name: "re: of pi", about: 2, link: Some((2, 1)) },
    Fact { name: "re: 40", about: 2, link: None },
];

fn refund_due(view: View<'_>) -> Said {
    let amount = view.knows(AMOUNT) || view.world.facts.len() == AMOUNT;
    let at = |paid: bool, mine: bool| u8::from(paid) * (100 - 40 * u8::from(mine && amount));
    let ch = at(view.knows(0), view.linked(2) && !view.linked(3));
    (posted(view, [ch, at(view.knows(1), view.linked(3)), 0, 0]), 0)
}

/// A subscription whose attribution comes from its own code, else from what an invoice claims, and two
/// invoices that earn by it.
pub(crate) static SUBSCRIPTION: World = World {
    name: "subscription",
    objects: SUBSCRIPTION_OBJECTS,
    facts: &[
        Fact { name: "in_1: paid 100, names sub", about: 0, link: Some((0, 2)) },
        Fact { name: "in_2: paid 50", about: 1, link: None },
        Fact { name: "in_2: names sub", about: 1, link: Some((1, 2)) },
        Fact { name: "sub: code A", about: 2, link: None },
        Fact { name: "in_1: code B", about: 0, link: None },
    ],
    operator: false,
    due: |view| {
        let claims = if view.computes(0) { u8::from(view.knows(4) && view.linked(0)) } else { view.claims };
        let output = match (view.computes(2), view.knows(3)) {
            (false, _) => view.said[2],
            (true, true) => 10,
            (true, false) => 20 * claims,
        };
        let due_1 = u8::from(view.knows(0) && view.linked(0)) * output;
        let due_2 = u8::from(view.knows(1) && view.linked(2)) * output / 2;
        (posted(view, [due_1, due_2, output, 0]), claims)
    },
};

/// The operator doubles the rate of the subscription's code while its sales arrive.
pub(crate) static OPERATOR: World = World {
    name: "operator",
    objects: SUBSCRIPTION_OBJECTS,
    facts: &[
        Fact { name: "in_1: paid 100, names sub", about: 0, link: Some((0, 2)) },
        Fact { name: "in_2: paid 50, code A", about: 1, link: None },
        Fact { name: "sub: code A", about: 2, link: None },
    ],
    operator: true,
    due: |view| {
        let rate = 10 * (1 + view.registry);
        let output = if view.computes(2) { u8::from(view.knows(2)) * rate } else { view.said[2] };
        let due_1 = u8::from(view.knows(0) && view.linked(0)) * output;
        (posted(view, [due_1, u8::from(view.knows(1)) * rate / 2, output, 0]), 0)
    },
};

const SUBSCRIPTION_OBJECTS: &[Object] =
    &[root("in_1"), root("in_2"), Object { name: "sub", role: Role::Subscription }];

/// An invoice names a discount, the discount a promotion code; the invoice earns when the chain is known.
/// What the discount says (its output) includes what the code says.
pub(crate) static MIRROR: World = World {
    name: "mirror",
    objects: MIRROR_OBJECTS,
    facts: MIRROR_FACTS,
    operator: false,
    due: |view| mirror_due(view, true),
};

/// The same, but the discount's output is its own body only.
pub(crate) static MIRROR_SHALLOW: World = World {
    name: "mirror, a discount's output leaves out its code",
    objects: MIRROR_OBJECTS,
    facts: MIRROR_FACTS,
    operator: false,
    due: |view| mirror_due(view, false),
};

const MIRROR_OBJECTS: &[Object] =
    &[root("in_1"), Object { name: "di", role: Role::Mirror }, Object { name: "promo", role: Role::Mirror }];

const MIRROR_FACTS: &[Fact] = &[
    Fact { name: "in_1: paid 100", about: 0, link: None },
    Fact { name: "in_1: names di", about: 0, link: Some((0, 1)) },
    Fact { name: "di: names promo", about: 1, link: Some((1, 2)) },
    Fact { name: "promo: text", about: 2, link: None },
];

fn mirror_due(view: View<'_>, deep: bool) -> Said {
    let (named, text) = (u8::from(view.knows(2)), u8::from(view.knows(3)));
    let known = named * text;
    let discount = if deep { named + known } else { named };
    let due = u8::from(view.knows(0) && view.linked(1)) * known * 10;
    (posted(view, [due, discount, text, 0]), 0)
}

/// An older body of a discount arrives late and is the first to say which invoice owns it: it changes
/// nothing about the discount, and links the invoice that it is not about.
pub(crate) static OWNER: World = World {
    name: "owner",
    objects: &[root("in_1"), Object { name: "di", role: Role::Mirror }],
    facts: &[
        Fact { name: "in_1: paid 100", about: 0, link: None },
        Fact { name: "di: newest", about: 1, link: None },
        Fact { name: "di: older, owned by in_1", about: 1, link: Some((0, 1)) },
    ],
    operator: false,
    due: |view| {
        let newest = u8::from(view.knows(1));
        (posted(view, [u8::from(view.knows(0) && view.linked(2)) * newest * 10, newest, 0, 0]), 0)
    },
};

/// Only what is being computed changes.
fn posted(view: View<'_>, due: [u8; SUBJECTS_MAX]) -> [u8; SUBJECTS_MAX] {
    let computes = view.world.subjects(view.keys);
    std::array::from_fn(|index| if computes >> index & 1 == 1 { due[index] } else { view.said[index] })
}
