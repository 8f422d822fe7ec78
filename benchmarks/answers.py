"""A made set of answers to made facts: true ones in other words, and the same with a falsehood planted in them.

Written for ``benchmarks.grounding`` by hand, fact by fact, without a look at how the check works: five trades, English,
German, French and Spanish. Each fact stands in its prompt beside two others of its trade and language, as it does in
the product. Every third fact of a trade is held out: what fails there is counted, and never listed or tuned for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.ports import Fact


@dataclass(frozen=True, slots=True)
class Saying:
    """Sentences with one gap, and what fills it truly and falsely (kind, filling)."""

    frames: Sequence[str]
    true: Sequence[str]
    false: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """A fact, what may be said of it, and whole sentences that are true or (kind, sentence) false."""

    trade: str
    question: str
    answer: str
    sayings: Sequence[Saying] = ()
    true: Sequence[str] = ()
    false: Sequence[tuple[str, str]] = field(default=())


@dataclass(frozen=True, slots=True)
class Answer:
    """One sentence of a model. ``kind``: that of the planted falsehood, None for a true one."""

    facts: tuple[Fact, ...]
    shop: str
    question: str
    text: str
    kind: str | None
    held_out: bool


SHOPS = {"shop": "Fernleaf", "bank": "Northgate Bank", "clinic": "Elm Street Clinic", "software": "Tasklane",
         "hotel": "Hotel Meridian", "laden": "Blattgrün", "boutique": "Maison Verte",
         "tienda": "Hoja Verde"}  # fmt: skip

KNOWN: tuple[Known, ...] = (
    # A plant shop ------------------------------------------------------------------------------------------------
    Known(
        "shop",
        "How long does delivery take and what does it cost?",
        "Standard delivery takes 2 to 3 business days and costs $4.90. Express delivery arrives the next day for $12.",
        [
            Saying(
                ["Standard delivery takes {}.", "With standard shipping your plants arrive in {}.", "Allow {} for it."],
                ["2-3 business days", "two to three working days", "**2 to 3** business days"],
                [
                    ("number", "4 to 5 business days"),
                    ("unit", "2 to 3 weeks"),
                    ("number", "five working days"),
                    ("unit", "2 to 3 hours"),
                ],
            ),
            Saying(
                ["Standard delivery costs {}.", "You pay {} for standard shipping."],
                ["$4.90", "4.90 USD", "4.90 dollars", "US$4.90"],
                [
                    ("price", "$5.90"),
                    ("currency", "€4.90"),
                    ("currency", "4.90 pounds"),
                    ("swapped", "$12"),
                    ("price", "nothing, it is free"),
                ],
            ),
        ],
        ["Express delivery costs 12 dollars.", "Express arrives the next day."],
        [
            ("swapped", "Express delivery costs $4.90."),
            ("action", "I've upgraded your order to express delivery."),
            ("price", "Shipping is free."),
            ("name", "We ship with PlantPost."),
        ],
    ),
    Known(
        "shop",
        "Can I return a plant?",
        "Yes, you can return any plant within 30 days. Seeds and sale items cannot be returned. Returns are free; "
        "print "
        "the label at https://fernleaf.example/returns or write to returns@fernleaf.example.",
        [
            Saying(
                ["You can send a plant back within {}.", "Returns are accepted for {}.", "You have {} to return it."],
                ["30 days", "thirty days"],
                [
                    ("number", "60 days"),
                    ("number", "fourteen days"),
                    ("unit", "30 weeks"),
                    ("unit", "3 months"),
                    ("number", "a week"),
                ],
            ),
            Saying(
                ["Print your label at {}.", "The label is [here]({})."],
                ["https://fernleaf.example/returns", "https://www.fernleaf.example/returns/"],
                [
                    ("url", "https://fernleaf.example/refunds"),
                    ("url", "https://fern-leaf.example/returns"),
                    ("url", "https://returns.example/label"),
                ],
            ),
            Saying(
                ["Write to {}.", "Or e-mail us: {}"],
                ["returns@fernleaf.example", "Returns@Fernleaf.example"],
                [("email", "support@fernleaf.example"), ("email", "returns@fernleaf.com")],
            ),
        ],
        [
            "Returns are free.",
            "Sale items cannot be returned.",
            "Seeds can't be returned.",
            "No, sale items can't be returned.",
            "Returning a plant costs nothing.",
        ],
        [
            ("negation", "Returns are not free."),
            ("negation", "Sale items can be returned."),
            ("negation", "You cannot return any plant."),
            ("negation", "Seeds can be returned."),
            ("action", "I have sent you the return label."),
            ("action", "We have refunded your order."),
        ],
    ),
    Known(
        "shop",
        "When is the shop open?",
        "Monday to Friday 9:00–18:00, Saturday 10:00–14:00. We are closed on Sundays. Call us on +1 555 010 2000.",
        [
            Saying(
                ["On weekdays we open at {}.", "Monday to Friday we're here from {} on."],
                ["9:00", "9 am", "09:00", "9 a.m."],
                [("time", "8:00"), ("time", "9 pm"), ("time", "half past eight, 8:30")],
            ),
            Saying(
                ["We are open {}.", "You can visit us {}."],
                ["Monday to Friday", "Mon–Fri", "on Saturdays", "on Saturday from 10 am to 2 pm"],
                [
                    ("weekday", "Monday to Thursday and Sunday"),
                    ("weekday", "on Saturday from 9:00 to 18:00"),
                    ("time", "on Saturday until 4 pm"),
                    ("weekday", "Tuesday to Friday"),
                    ("time", "24/7"),
                ],
            ),
            Saying(
                ["Call {}.", "Our number is {}."],
                ["+1 555 010 2000", "+1 (555) 010-2000", "555-010-2000"],
                [("phone", "+1 555 010 2001"), ("phone", "0800 555 1234")],
            ),
        ],
        ["We are closed on Sundays.", "On Sundays we're closed."],
        [("negation", "We are open on Sundays."), ("weekday", "We are closed on Mondays.")],
    ),
    Known(
        "shop",
        "Which pots do you sell?",
        "Our Terra pots are made of clay and come in 3 sizes: 12, 18 and 24 cm. The model TP-240 weighs 2.5 kg. Orders "
        "over $50 get a 10% discount.",
        [
            Saying(
                ["The TP-240 weighs {}.", "Its weight is {}."],
                ["2.5 kg", "2.5 kilograms"],
                [("unit", "2.5 lb"), ("number", "3.5 kg"), ("number", "25 kg")],
            ),
            Saying(
                ["Orders over $50 get a discount of {}.", "Above 50 dollars you save {}."],
                ["10%", "10 percent", "ten percent"],
                [("percent", "15%"), ("percent", "20 percent"), ("unit", "$10")],
            ),
            Saying(
                ["Terra pots come in {}.", "There are {} of the Terra pot."],
                ["3 sizes", "three sizes"],
                [("number", "four sizes"), ("number", "5 sizes")],
            ),
        ],
        ["Terra pots are made of clay.", "The sizes are 12, 18 and 24 cm."],
        [
            ("name", "Have a look at our Verona Max pots."),
            ("code", "The model TP-360 is the largest."),
            ("unit", "The sizes are 12, 18 and 24 inches."),
            ("name", "Terra pots are made by Keramos."),
            ("action", "I'll reserve one for you."),
        ],
    ),
    # A bank ------------------------------------------------------------------------------------------------------
    Known(
        "bank",
        "What does the current account cost?",
        "The Everyday account costs £5 a month. It is free for students under 26. Cash withdrawals abroad cost 1.5% "
        "of the "
        "amount.",
        [
            Saying(
                ["The Everyday account costs {} a month.", "You pay {} every month."],
                ["£5", "5 pounds", "GBP 5.00"],
                [("price", "£7"), ("currency", "$5"), ("currency", "5 euros"), ("price", "£5.50")],
            ),
            Saying(
                ["Withdrawals abroad cost {} of the amount.", "Abroad we charge {}."],
                ["1.5%", "1.5 percent"],
                [("percent", "2.5%"), ("percent", "15%"), ("unit", "£1.50")],
            ),
        ],
        ["Students under 26 pay nothing.", "The account is free for students under 26."],
        [
            ("negation", "It is not free for students under 26."),
            ("number", "It is free for students under 30."),
            ("name", "Try our Platinum Plus account."),
            ("action", "I have opened the account for you."),
        ],
    ),
    Known(
        "bank",
        "How do I block a lost card?",
        "Call 0800 123 4567 at any time, 24 hours a day, 7 days a week. A new card is sent within 5 working days and "
        "costs £10.",
        [
            Saying(
                ["A new card arrives within {}.", "We send a new card within {}."],
                ["5 working days", "five business days"],
                [
                    ("number", "10 working days"),
                    ("unit", "5 hours"),
                    ("number", "two business days"),
                    ("unit", "5 weeks"),
                ],
            ),
            Saying(
                ["Call {} to block the card.", "Ring {} straight away."],
                ["0800 123 4567", "0800 1234567", "0800-123-4567"],
                [("phone", "0800 123 4576"), ("phone", "0207 946 0000")],
            ),
        ],
        ["You can call 24/7.", "The new card costs 10 pounds."],
        [
            ("action", "I have blocked your card."),
            ("action", "Your card has been blocked."),
            ("price", "The new card is free."),
            ("action", "I'll send you a new card today."),
            ("time", "You can call between 8 am and 8 pm."),
        ],
    ),
    Known(
        "bank",
        "What is the interest on savings?",
        "Savings earn 3.25% a year up to £85,000. The rate has applied since 1 March 2025. You can withdraw money "
        "without notice.",
        [
            Saying(
                ["Savings earn {} a year.", "The yearly interest is {}."],
                ["3.25%", "3.25 percent", "3.25 %"],
                [("percent", "3.75%"), ("percent", "32.5%"), ("percent", "2.25 percent")],
            ),
            Saying(
                ["This holds up to {}.", "The rate applies to savings of up to {}."],
                ["£85,000", "85000 pounds", "GBP 85,000.00"],
                [("price", "£58,000"), ("currency", "€85,000"), ("price", "£8,500")],
            ),
            Saying(
                ["The rate has applied since {}.", "It is valid from {}."],
                ["1 March 2025", "March 1, 2025", "1st March 2025", "01/03/2025"],
                [("date", "1 March 2024"), ("date", "1 April 2025"), ("date", "15 March 2025")],
            ),
        ],
        ["You can withdraw money without notice."],
        [
            ("negation", "You can't withdraw money without notice."),
            ("number", "You can withdraw money with 30 days' notice."),
        ],
    ),
    # A clinic ----------------------------------------------------------------------------------------------------
    Known(
        "clinic",
        "How do I book an appointment?",
        "Book online at elmclinic.example/book or call 020 7946 0958. A first visit takes 45 minutes. Please cancel "
        "at least "
        "24 hours before.",
        [
            Saying(
                ["A first visit takes {}.", "Plan {} for your first visit."],
                ["45 minutes", "forty-five minutes", "45 min", "three quarters of an hour, 45 minutes,"],
                [("number", "30 minutes"), ("unit", "45 hours"), ("number", "an hour"), ("number", "ninety minutes")],
            ),
            Saying(
                ["Please cancel at least {} before.", "You need to cancel {} ahead."],
                ["24 hours", "twenty-four hours", "one day"],
                [("number", "48 hours"), ("unit", "24 minutes"), ("number", "two days"), ("number", "12 hours")],
            ),
        ],
        ["You can book online at elmclinic.example/book.", "To book, call 020 7946 0958."],
        [
            ("url", "You can book at elmclinic.example/appointments."),
            ("phone", "Call 020 7946 0985."),
            ("action", "I have booked your appointment."),
            ("action", "Your appointment has been cancelled."),
            ("action", "I'm booking that for you now."),
        ],
    ),
    Known(
        "clinic",
        "Where are you and can I park?",
        "You find us at 14 Elm Street, Bristol BS1 4QA. Parking is free for patients for 2 hours.",
        [
            Saying(
                ["The address is {}.", "We are at {}."],
                ["14 Elm Street, Bristol", "14 Elm Street, Bristol BS1 4QA"],
                [
                    ("address", "41 Elm Street, Bristol"),
                    ("address", "14 Oak Street, Bristol"),
                    ("address", "14 Elm Street, Bath"),
                    ("address", "14 Elm Street, Bristol BS2 4QA"),
                ],
            ),
            Saying(
                ["Patients park for free for {}.", "Parking is free for {}."],
                ["2 hours", "two hours", "120 minutes"],
                [("number", "3 hours"), ("unit", "2 days"), ("number", "half an hour")],
            ),
        ],
        ["Parking is free for patients."],
        [("negation", "Parking is not free for patients."), ("price", "Parking costs £3.")],
    ),
    Known(
        "clinic",
        "Which vaccinations do you offer?",
        "We offer flu, tetanus and hepatitis B vaccinations on Tuesdays and Thursdays from 2 pm to 5 pm. Children "
        "under 12 are "
        "vaccinated by Dr. Amara Osei. A prescription is not needed.",
        [
            Saying(
                ["Vaccinations are given {}.", "We vaccinate {}."],
                ["on Tuesdays and Thursdays", "Tuesday and Thursday", "on Tuesday from 14:00 to 17:00"],
                [
                    ("weekday", "on Mondays and Thursdays"),
                    ("weekday", "on Wednesdays"),
                    ("time", "on Tuesday from 13:00 to 17:00"),
                ],
            ),
            Saying(
                ["Children under {} are vaccinated by Dr. Osei."],
                ["12", "twelve"],
                [("number", "16"), ("number", "six")],
            ),
        ],
        ["You don't need a prescription.", "No prescription is needed."],
        [
            ("negation", "A prescription is needed."),
            ("name", "Children are vaccinated by Dr. Miriam Kent."),
            ("name", "We use the Comirnaty vaccine."),
        ],
    ),
    # Software ----------------------------------------------------------------------------------------------------
    Known(
        "software",
        "What does the Team plan include?",
        "The Team plan costs $12 per user per month and includes 100 GB of storage, 20 projects and e-mail support. A "
        "free "
        "trial lasts 14 days; no credit card is required.",
        [
            Saying(
                ["The Team plan includes {} of storage.", "You get {} of storage."],
                ["100 GB", "100 gigabytes", "100GB"],
                [("unit", "100 MB"), ("unit", "100 TB"), ("number", "200 GB"), ("number", "50 GB")],
            ),
            Saying(
                ["The trial lasts {}.", "You can try it for {}."],
                ["14 days", "two weeks", "fourteen days"],
                [("number", "30 days"), ("unit", "14 weeks"), ("number", "a month")],
            ),
            Saying(
                ["The Team plan costs {} per user.", "Each user costs {} a month."],
                ["$12", "12 dollars", "USD 12"],
                [("price", "$15"), ("currency", "€12"), ("currency", "12 pounds"), ("price", "$120")],
            ),
        ],
        ["No credit card is required.", "You don't need a credit card."],
        [
            ("negation", "A credit card is required."),
            ("name", "It also includes Slack and Zapier integrations."),
            ("number", "It includes 25 projects."),
            ("action", "I've activated your trial."),
        ],
    ),
    Known(
        "software",
        "Which systems does the app run on?",
        "Tasklane runs on Windows 10 and later, macOS 12 and later, and Android 9 and later. There is no version for "
        "Linux. "
        "Version 4.2 was released on 12 May 2025.",
        [
            Saying(
                ["Version {} was released on 12 May 2025.", "The current version is {}."],
                ["4.2"],
                [("number", "4.3"), ("number", "5.0"), ("number", "4.1")],
            ),
            Saying(
                ["It was released on {}."],
                ["12 May 2025", "May 12, 2025", "2025-05-12", "12.05.2025"],
                [("date", "12 June 2025"), ("date", "21 May 2025"), ("date", "2025-05-21"), ("date", "May 12, 2024")],
            ),
        ],
        ["There is no version for Linux.", "Tasklane runs on Windows 10 and later."],
        [
            ("negation", "There is a version for Linux."),
            ("name", "It also runs on ChromeOS."),
            ("number", "It runs on Windows 7 and later."),
        ],
    ),
    Known(
        "software",
        "How do I get support?",
        "Write to help@tasklane.example. We answer within 4 hours on weekdays. Phone support is only part of the "
        "Business plan.",
        [
            Saying(
                ["We answer within {}.", "You hear back within {} on weekdays."],
                ["4 hours", "four hours"],
                [("unit", "4 minutes"), ("number", "8 hours"), ("unit", "4 days"), ("number", "an hour")],
            ),
            Saying(
                ["Write to {}.", "Our address is {}."],
                ["help@tasklane.example"],
                [
                    ("email", "support@tasklane.example"),
                    ("email", "help@tasklane.io"),
                    ("email", "hello@tasklane.example"),
                ],
            ),
        ],
        ["Phone support is part of the Business plan."],
        [
            ("action", "I have created a ticket for you."),
            ("action", "I'll escalate this to our engineers."),
            ("name", "Phone support is part of the Enterprise Plus plan."),
            ("phone", "Call us on 0123 456 7890."),
        ],
    ),
    # A hotel -----------------------------------------------------------------------------------------------------
    Known(
        "hotel",
        "When are check-in and check-out?",
        "Check-in is from 3 pm, check-out until 11 am. Late check-out until 2 pm costs €25. Reception is staffed 24/7.",
        [
            Saying(
                ["Check-in starts at {}.", "You can check in from {}."],
                ["3 pm", "15:00", "3:00 p.m."],
                [("time", "2:30 pm"), ("time", "3 am"), ("time", "16:00"), ("time", "noon")],
            ),
            Saying(
                ["Late check-out costs {}."],
                ["€25", "25 euros", "EUR 25"],
                [("price", "€35"), ("currency", "$25"), ("price", "€2.50")],
            ),
        ],
        ["Check-out is until 11 am.", "Reception is staffed around the clock.", "You can check out until 11:00."],
        [
            ("swapped", "Check-in is from 11 am."),
            ("action", "I have arranged a late check-out for you."),
            ("time", "Check-out is until 12:00."),
        ],
    ),
    Known(
        "hotel",
        "Is breakfast included?",
        "Breakfast is not included; the buffet costs €18 per person and is served from 6:30 to 10:30 in the Garden "
        "Room. "
        "Children under 6 eat free.",
        [
            Saying(
                ["The buffet costs {} per person.", "You pay {} for breakfast."],
                ["€18", "18 euros", "18 EUR", "€18.00"],
                [("price", "€16"), ("currency", "£18"), ("price", "€81"), ("currency", "18 dollars")],
            ),
            Saying(
                ["Breakfast is served from {}."],
                ["6:30 to 10:30", "6:30 am to 10:30 am", "06:30 until 10:30"],
                [("time", "7:00 to 10:30"), ("time", "6:30 to 11:30"), ("time", "6:30 pm to 10:30 pm")],
            ),
        ],
        ["Breakfast isn't included.", "Children under six eat free.", "No, breakfast is not included."],
        [
            ("negation", "Breakfast is included."),
            ("negation", "Yes, breakfast is included."),
            ("name", "It is served in the Sky Lounge."),
            ("number", "Children under 12 eat free."),
        ],
    ),
    Known(
        "hotel",
        "Are pets allowed?",
        "Dogs are allowed in all rooms for €15 a night. Cats are not allowed. The pool is closed from November to "
        "March.",
        [
            Saying(
                ["A dog costs {} a night.", "For a dog you pay {} per night."],
                ["€15", "15 euros", "fifteen euros"],
                [("price", "€50"), ("currency", "$15"), ("price", "€5"), ("price", "20 euros")],
            ),
            Saying(
                ["The pool is closed {}.", "You cannot use the pool {}."],
                ["from November to March", "between November and March"],
                [("month", "from October to March"), ("month", "in May"), ("month", "from November to April")],
            ),
        ],
        ["Dogs are allowed in all rooms.", "Cats are not allowed.", "You can't bring a cat."],
        [
            ("negation", "Cats are allowed."),
            ("negation", "Dogs are not allowed in all rooms."),
            ("action", "I have added your dog to the booking."),
        ],
    ),
    # German ------------------------------------------------------------------------------------------------------
    Known(
        "laden",
        "Wie lange dauert die Lieferung?",
        "Die Lieferung dauert 3 bis 5 Werktage und kostet 4,90 €. Ab 50 € ist der Versand kostenlos.",
        [
            Saying(
                ["Die Lieferung dauert {}.", "Rechnen Sie mit {}."],
                ["3 bis 5 Werktage", "drei bis fünf Werktage", "3–5 Werktage", "3-5 Arbeitstage"],
                [("unit", "3 bis 5 Wochen"), ("number", "1 bis 2 Werktage"), ("number", "sieben Werktage")],
            ),
            Saying(
                ["Der Versand kostet {}.", "Sie zahlen {} für die Lieferung."],
                ["4,90 €", "4,90 Euro", "EUR 4,90"],
                [("price", "5,90 €"), ("currency", "4,90 $"), ("currency", "4,90 Franken"), ("price", "49 €")],
            ),
        ],
        ["Ab 50 Euro ist der Versand kostenlos.", "Ab fünfzig Euro liefern wir gratis."],
        [
            ("price", "Ab 30 Euro ist der Versand kostenlos."),
            ("negation", "Ab 50 € ist der Versand nicht kostenlos."),
            ("action", "Ich habe Ihre Bestellung storniert."),
        ],
    ),
    Known(
        "laden",
        "Wann haben Sie geöffnet?",
        "Montag bis Freitag von 9 bis 18 Uhr, samstags von 10 bis 14 Uhr. Sonntags ist geschlossen. Telefon: 030 "
        "5557788.",
        [
            Saying(
                ["Wir öffnen um {}.", "Unter der Woche sind wir ab {} da."],
                ["9 Uhr", "9:00 Uhr", "09:00"],
                [("time", "8 Uhr"), ("time", "7:30 Uhr"), ("time", "11 Uhr")],
            ),
            Saying(
                ["Wir haben {} geöffnet."],
                ["montags bis freitags", "am Samstag von 10 bis 14 Uhr", "samstags bis 14:00 Uhr"],
                [
                    ("weekday", "Dienstag bis Freitag"),
                    ("weekday", "am Samstag von 9 bis 18 Uhr"),
                    ("time", "samstags bis 16 Uhr"),
                ],
            ),
        ],
        ["Sonntags ist geschlossen.", "Am Sonntag haben wir nicht geöffnet.", "Sie erreichen uns unter 030 555 77 88."],
        [
            ("negation", "Sonntags ist geöffnet."),
            ("phone", "Sie erreichen uns unter 030 5557799."),
            ("action", "Ich habe einen Termin für Sie gebucht."),
        ],
    ),
    Known(
        "laden",
        "Kann ich etwas zurückgeben?",
        "Sie können Artikel innerhalb von 14 Tagen zurückgeben. Reduzierte Ware ist vom Umtausch ausgeschlossen. "
        "Schreiben Sie "
        "an retoure@blattgruen.example.",
        [
            Saying(
                ["Sie können Artikel innerhalb von {} zurückgeben.", "Die Rückgabe ist {} lang möglich."],
                ["14 Tagen", "vierzehn Tagen", "zwei Wochen"],
                [("number", "30 Tagen"), ("unit", "14 Wochen"), ("number", "einem Monat"), ("number", "sieben Tagen")],
            ),
            Saying(
                ["Schreiben Sie an {}."],
                ["retoure@blattgruen.example"],
                [("email", "info@blattgruen.example"), ("email", "retoure@blattgruen.de")],
            ),
        ],
        ["Reduzierte Ware ist vom Umtausch ausgeschlossen."],
        [
            ("negation", "Sie können Artikel nicht innerhalb von 14 Tagen zurückgeben."),
            ("url", "Das Formular finden Sie auf blattgruen.example/formular."),
            ("action", "Ich habe Ihnen das Etikett geschickt."),
        ],
    ),
    # French ------------------------------------------------------------------------------------------------------
    Known(
        "boutique",
        "Quels sont les délais et les frais de livraison ?",
        "La livraison prend 2 à 4 jours ouvrés et coûte 5,50 €. Elle est gratuite à partir de 60 € d'achat.",
        [
            Saying(
                ["La livraison prend {}.", "Comptez {} pour la livraison."],
                ["2 à 4 jours ouvrés", "deux à quatre jours ouvrés", "2-4 jours ouvrés"],
                [("unit", "2 à 4 semaines"), ("number", "5 à 6 jours ouvrés"), ("number", "dix jours ouvrés")],
            ),
            Saying(
                ["La livraison coûte {}."],
                ["5,50 €", "5,50 euros", "5.50 €"],
                [
                    ("price", "6,50 €"),
                    ("currency", "5,50 $"),
                    ("price", "55 €"),
                    ("currency", "5,50 francs suisses, CHF 5.50"),
                ],
            ),
        ],
        ["La livraison est gratuite à partir de 60 euros.", "Elle est offerte à partir de soixante euros."],
        [
            ("price", "La livraison est gratuite à partir de 40 €."),
            ("action", "J'ai annulé votre commande."),
            ("negation", "La livraison n'est pas gratuite à partir de 60 € d'achat."),
        ],
    ),
    Known(
        "boutique",
        "Quels sont vos horaires ?",
        "Du mardi au samedi, de 10h à 19h. Nous sommes fermés le dimanche et le lundi. Téléphone : 01 99 00 12 34.",
        [
            Saying(
                ["Nous ouvrons à {}.", "La boutique ouvre à {}."],
                ["10h", "10 h", "10 heures", "10h00"],
                [("time", "9h"), ("time", "11h30"), ("time", "8 heures")],
            ),
            Saying(
                ["Nous sommes ouverts {}."],
                ["du mardi au samedi", "le samedi de 10h à 19h"],
                [("weekday", "du mercredi au samedi"), ("time", "le samedi jusqu'à 20h"), ("time", "de 10h à 18h")],
            ),
        ],
        ["Nous sommes fermés le dimanche.", "Appelez le 01 99 00 12 34."],
        [
            ("phone", "Appelez le 01 99 00 12 43."),
            ("negation", "Nous sommes ouverts le dimanche et le lundi."),
            ("action", "Je vais réserver un rendez-vous pour vous."),
        ],
    ),
    # Spanish -----------------------------------------------------------------------------------------------------
    Known(
        "tienda",
        "¿Cuánto tarda el envío y cuánto cuesta?",
        "El envío tarda de 3 a 5 días laborables y cuesta 4,99 €. Es gratis a partir de 50 €.",
        [
            Saying(
                ["El envío tarda {}.", "Su pedido llega en {}."],
                ["de 3 a 5 días laborables", "tres a cinco días laborables", "3-5 días hábiles"],
                [("unit", "3 a 5 semanas"), ("number", "1 a 2 días laborables"), ("number", "diez días laborables")],
            ),
            Saying(
                ["El envío cuesta {}."],
                ["4,99 €", "4,99 euros", "4.99 €"],
                [("price", "5,99 €"), ("currency", "4,99 dólares"), ("price", "49,90 €")],
            ),
        ],
        ["El envío es gratis a partir de 50 euros.", "A partir de cincuenta euros el envío es gratuito."],
        [
            ("price", "El envío es gratis a partir de 20 €."),
            ("action", "He cancelado su pedido."),
            ("negation", "El envío no es gratis a partir de 50 €."),
        ],
    ),
    Known(
        "tienda",
        "¿Cuál es el horario de la tienda?",
        "Abrimos de lunes a viernes de 9:30 a 20:00. Los sábados cerramos a las 14:00. El domingo está cerrado. "
        "Escriba a hola@hojaverde.example.",
        [
            Saying(
                ["Abrimos a las {}.", "De lunes a viernes abrimos a las {}."],
                ["9:30", "09:30"],
                [("time", "9:00"), ("time", "10:30"), ("time", "8:30")],
            ),
            Saying(
                ["Escriba a {}."],
                ["hola@hojaverde.example"],
                [("email", "info@hojaverde.example"), ("email", "hola@hojaverde.es")],
            ),
        ],
        ["Los sábados cerramos a las 14:00.", "El domingo está cerrado."],
        [
            ("negation", "El domingo está abierto."),
            ("weekday", "Abrimos de martes a viernes."),
            ("time", "Los sábados cerramos a las 15:00."),
            ("action", "Le he enviado un correo."),
        ],
    ),
)


def answers() -> list[Answer]:
    """Every answer of the set, always the same, in the same order."""
    return [answer for place in range(len(KNOWN)) for answer in _answers(place)]


def _answers(place: int) -> Iterator[Answer]:
    known = KNOWN[place]
    trade = [other for other in KNOWN if other.trade == known.trade]
    at = trade.index(known)
    facts = tuple(_fact(trade[(at + step) % len(trade)]) for step in range(min(3, len(trade))))
    said = [*((text, None) for text in known.true), *((text, kind) for kind, text in known.false), *_filled(known)]
    for text, kind in said:
        yield Answer(
            facts, SHOPS[known.trade], known.question, text, kind, at % 3 == 2 or (len(trade) == 2 and at == 1)
        )


def _filled(known: Known) -> Iterator[tuple[str, str | None]]:
    """Each filling in one of the frames, in turn: a falsehood stands in the frames that the truth stands in."""
    for saying in known.sayings:
        fillings: list[tuple[str, str | None]] = [(text, None) for text in saying.true]
        fillings += [(text, kind) for kind, text in saying.false]
        for number, (text, kind) in enumerate(fillings):
            yield saying.frames[number % len(saying.frames)].format(text), kind


def _fact(known: Known) -> Fact:
    return Fact(f"{KNOWN.index(known):032x}", known.question, known.answer, 1.0)
