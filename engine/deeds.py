"""Sentences in which the bot claims to have done, or to be about to do, something. It cannot act: each is untrue. Pure.

An offer ("I can ask a person", "Shall I …?") and what others do ("you will get an e-mail once your order is sent") are
no such claims.
"""

import re

from engine.lexicon import fold

_DONE_EN = (
    "cancel(?:l?ed)|sent|shipped|ordered|booked|changed|updated|refunded|processed|reserved|scheduled|rescheduled|"
    "forwarded|transferred|added|removed|deleted|created|issued|initiated|submitted|e-?mailed|called|arranged|applied|"
    "activated|deactivated|unsubscribed|subscribed|registered|placed|passed|escalated|notified|informed|contacted|"
    "checked|verified|confirmed|extended|upgraded|downgraded|reset|unlocked|blocked|credited|opened|started|requested|"
    "asked|filed|logged|put|set|moved|paid|charged|completed|made|approved|looked (?:up|into)|taken care|messaged"
)
_DO_EN = (
    "cancel|send|ship|order|book|change|update|refund|process|reserve|schedule|reschedule|forward|transfer|add|remove|"
    "delete|create|issue|initiate|submit|e-?mail|call|arrange|apply|activate|deactivate|unsubscribe|subscribe|register|"
    "place|pass|escalate|notify|inform|contact|check|verify|extend|upgrade|downgrade|reset|unlock|block|credit|open|"
    "start|request|ask|file|log|move|make|look (?:up|into)|take care|get back|connect|reach out|follow up"
)
_ADVERB = (
    r"(?:(?:just|already|now|successfully|also|gladly|immediately|gerade|bereits|soeben|schon|bien|deja|ya|gia|appena)"
    r" )*"
)
_THING_EN = (
    "order|booking|reservation|appointment|subscription|account|refund|payment|return|request|ticket|claim|card|"
    "transfer|address|password|plan|licen[cs]e|invoice|parcel|package|message|question|data|room|seat|table|delivery"
)
_MINE = [
    rf"\b(?:i|we)(?:'ve| have| had)? {_ADVERB}(?:{_DONE_EN})\b(?! by| from)",
    rf"\b(?:i|we)(?:'m| am|'re| are) {_ADVERB}(?:going to (?:{_DO_EN})|(?:cancel|send|process|refund|book|order"
    rf"|forward|updat|"
    rf"arrang|transferr?|chang|issu|initiat|schedul|submitt|check|pass|escalat|notify|contact|connect)l?ing)\b",
    rf"\bi(?:'ll| will| shall) {_ADVERB}(?:{_DO_EN})\b",
    rf"\blet me (?:{_DO_EN})\b",
    rf"\byour (?:\w+ )?(?:{_THING_EN}) (?:has been|have been|was|is now|is being|is already) {_ADVERB}(?:{_DONE_EN}"
    rf"|closed|blocked|on its way)\b",
    r"\bconsider it done\b|\ball (?:done|set)[!.]|^done[!.,]",
    # German
    r"\b(?:ich habe|wir haben|hab ich|habe ich|haben wir) .{0,80}?\b(?:storniert|gesendet|geschickt|verschickt"
    r"|versendet|bestellt|gebucht|geandert|"
    r"aktualisiert|erstattet|uberwiesen|reserviert|weitergeleitet|angelegt|erstellt|geloscht|gekundigt|veranlasst"
    r"|hinzugefugt|"
    r"entfernt|informiert|benachrichtigt|kontaktiert|gepruft|uberpruft|eingeleitet|beantragt|gesperrt|freigeschaltet"
    r"|zuruckgesetzt|"
    r"aktiviert|deaktiviert|verschoben|umgebucht|eingetragen|vereinbart)\b",
    r"\bich (?:werde|storniere|sende|schicke|buche|andere|aktualisiere|erstatte|reserviere|leite|losche|kundige"
    r"|veranlasse|"
    r"informiere|benachrichtige|kontaktiere|prufe|uberprufe)\b(?! nicht)",
    r"\b(?:ihre?|deine?) \w+ (?:wurde|ist|wird) .{0,40}?\b(?:storniert|versendet|verschickt|geandert|erstattet"
    r"|gebucht|gekundigt|"
    r"aktualisiert|geloscht|gesperrt|reserviert|bearbeitet|uberwiesen|zuruckgesetzt|verschoben)\b",
    # French
    rf"\b(?:j'ai|je vous ai|je l'ai|nous avons|nous vous avons) {_ADVERB}(?:annule|envoye|commande|reserve|modifie"
    rf"|change|rembourse|mis a jour|transfere|"
    r"transmis|cree|supprime|ajoute|demande|contacte|prevenu|informe|verifie|enregistre|programme|active|desactive"
    r"|reinitialise|bloque)",
    r"\bje (?:vais|vous) (?:\w+ )?(?:annuler|envoyer|commander|reserver|modifier|rembourser|transferer|creer"
    r"|supprimer|contacter|"
    r"envoie|annule|transfere|rembourse|verifier|transmettre)\b",
    r"\bvotre \w+ (?:a ete|a bien ete|est) (?:annulee?|envoyee?|modifiee?|remboursee?|expediee?|reservee?"
    r"|enregistree?|supprimee?|bloquee?)",
    # Spanish
    rf"\b(?:he|hemos|te he|le he|ya he|les he|le hemos) {_ADVERB}(?:cancelado|enviado|pedido|reservado|cambiado"
    rf"|modificado|reembolsado|actualizado|transferido|"
    r"creado|eliminado|anadido|solicitado|contactado|informado|avisado|comprobado|verificado|programado|tramitado"
    r"|bloqueado|registrado)",
    r"\b(?:le |te |lo |la )?(?:voy a|vamos a) (?:cancelar|enviar|pedir|reservar|cambiar|reembolsar|actualizar"
    r"|transferir|comprobar|contactar|tramitar)",
    r"\b(?:su|tu) \w+ (?:ha sido|fue|esta|ya esta) (?:cancelad|enviad|modificad|reembolsad|reservad|actualizad"
    r"|eliminad|tramitad|bloquead|confirmad)[oa]",
    # Italian, Dutch
    r"\b(?:ho|abbiamo) (?:gia |appena )?(?:annullato|inviato|ordinato|prenotato|modificato|rimborsato|aggiornato"
    r"|cancellato|verificato|contattato|inoltrato)",
    r"\b(?:ik heb|wij hebben|we hebben) .{0,80}?\b(?:geannuleerd|verzonden|gestuurd|besteld|geboekt|gewijzigd"
    r"|terugbetaald|doorgestuurd|"
    r"aangemaakt|verwijderd|gereserveerd|gecontroleerd|opgezegd)\b",
    r"\bik (?:zal|ga) .{0,60}?\b(?:annuleren|sturen|bestellen|boeken|wijzigen|terugbetalen|doorsturen|controleren)\b",
]
_DEED = re.compile("|".join(_MINE))
# What is only supposed: "once your order has been shipped", "if we have sent …".
_SUPPOSED = re.compile(
    r"\b(?:if|once|when|whenever|after|until|unless|as soon as|before|whether|in case|wenn|sobald|falls|nachdem|bis|ob|"
    r"si|quand|des que|lorsque|une fois|apres|cuando|una vez|tras|despues|quando|se|als|zodra|nadat)\b[^.;:]{0,60}$"
)


def claimed(sentence: str) -> str | None:
    """The words in ``sentence`` with which the bot claims a deed; None when it claims none."""
    text = " ".join(fold(sentence).replace("’", "'").replace("*", "").replace("_", "").split())
    if "?" in text and text.rstrip().endswith("?"):
        return None
    for found in _DEED.finditer(text):
        if not _SUPPOSED.search(text[: found.start()]):
            return found[0]
    return None
