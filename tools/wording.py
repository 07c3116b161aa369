"""The words by which a control says that it acts beyond the page.

A button "Place order" commits, "Order history" and "Sort order" do not. What counts is not that
a word occurs but how: most of these words are verbs and nouns at once in some language, so a
label commits when one of its clauses *begins* with such a verb in the imperative and what
follows does not turn it into a noun, or holds an infinitive that is never anything else, or is
a fixed phrase. Everything is compared in lower case without accents.

This is a table of words and not an understanding of pages: a shop may call its button "Yippee".
`docs/security.md` says so. What is asked once too often costs a key; what is not asked may cost
money, so doubtful labels on buttons ask, while doubtful labels on links, which mostly lead to
a page that has the real button, do not.
"""

import re
import unicodedata

_IMPERATIVES = frozenset(
    # English
    "buy pay order purchase send resend delete erase publish upload book reserve rent subscribe "
    "unsubscribe transfer withdraw donate post tweet submit bid invite deactivate terminate wire "
    "deploy broadcast "
    # Italian
    "acquista compra paga ordina invia elimina cancella pubblica carica prenota abbonati "
    "iscriviti trasferisci dona noleggia "
    # Spanish and Portuguese
    "envia publica reserva encomende envie publique reserve pague compre elimine borre "
    # French
    "achetez payez commandez envoyez supprimez publiez reservez "
    # Polish and Swedish
    "kup kupuje zaplac zamow zamawiam wyslij usun opublikuj zarezerwuj rezerwuj subskrybuj "
    "kop betala bestall skicka radera publicera boka prenumerera".split()
)
"""Verbs that commit where a clause begins with them."""

_INFINITIVES = frozenset(
    # German and Dutch
    "kaufen bestellen abbestellen bezahlen zahlen senden absenden abschicken verschicken versenden "
    "loschen loeschen veroffentlichen veroeffentlichen posten hochladen buchen reservieren mieten "
    "abonnieren uberweisen ueberweisen spenden kundigen kuendigen stornieren einreichen "
    "zahlungspflichtig kostenpflichtig kopen betalen versturen verzenden verwijderen publiceren "
    "uploaden boeken reserveren abonneren overmaken doneren opzeggen "
    # French
    "acheter payer commander envoyer supprimer publier televerser reserver abonner desabonner "
    "transferer virer resilier poster soumettre "
    # Spanish and Portuguese
    "comprar pagar pedir enviar eliminar borrar publicar subir reservar suscribirse suscribirme "
    "transferir donar contratar alquilar encomendar excluir apagar assinar doar "
    # Italian
    "acquistare pagare ordinare inviare eliminare pubblicare prenotare trasferire donare".split()
)
"""Verb forms that commit anywhere in a clause."""

_NOUN_AFTER = {
    "order": "by history detail details status number summary id total date confirmation info "
    "information tracking list form type no nr ascending descending asc desc again",
    "post": "code office box comments by title type id date details history settings it",
    "book": "details title cover club store shop list review reviews of by series id author",
    "pay": "later period rate rates stub slip scale monthly grade gap",
    "transfer": "history details fee fees type status limit limits",
    "send": "to back",
    "reserve": "price prices currency",
    "bid": "history amount increment price",
    "upload": "limit date history speed size",
    "submit": "date",
    "purchase": "history date order orders details protection id price",
    "rent": "price period",
    "ordina": "per",
    "carica": "altro altri altre piu",
    "reserva": "de",
    "compra": "online",
}
"""Words that make a noun of the verb before them ("order history", "sort: order by")."""

_OBJECT = (
    r"(?:(?:the|my|your|an?|this|our|la|le|l|ma|mon|votre|une|un|el|mi|tu|su|il|o|a|die|das) )*"
)
_PHRASES = re.compile(
    "|".join(
        (
            rf"\bplace {_OBJECT}(?:order|bid|bet)\b",
            rf"\b(?:complete|confirm|finish|finali[sz]e|authori[sz]e|make) {_OBJECT}"
            r"(?:\w+ )?(?:order|purchase|payment|booking|reservation|transfer|donation|deletion|"
            r"subscription|checkout|cancellation)\b",
            rf"\b(?:close|remove|cancel|terminate) {_OBJECT}(?:account|profile|membership)\b",
            rf"\bcancel {_OBJECT}(?:order|booking|reservation|subscription|appointment|plan)\b",
            r"\b(?:delete|remove|erase) (?:forever|permanently)\b",
            rf"\bcreate {_OBJECT}account\b",
            rf"\bsign {_OBJECT}(?:contract|document|agreement|petition)\b",
            rf"\b(?:empty) {_OBJECT}(?:trash|bin|recycle bin)\b",
            r"\bbuy it now\b|\b1 click\b",
            rf"\b{_OBJECT}(?:bestellung|kauf|zahlung|buchung|uberweisung) "
            r"(?:aufgeben|abschliessen|bestatigen|ausfuhren|tatigen)\b",
            r"\bkonto (?:entfernen|schliessen|loschen)\b",
            rf"\b(?:passer|valider|confirmer|finaliser|effectuer) {_OBJECT}"
            r"(?:commande|achat|paiement|reservation|virement)\b",
            r"\bfaire un don\b|\bmettre en ligne\b|\bdar de baja\b|\bhacer una donacion\b",
            rf"\b(?:realizar|hacer|confirmar|finalizar|tramitar|completar|fazer|efetuar) {_OBJECT}"
            r"(?:pedido|compra|pago|pagamento|reserva|transferencia)\b",
            rf"\bcancelar {_OBJECT}(?:suscripcion|reserva|pedido|cuenta|conta|assinatura)\b",
            rf"\b(?:conferma|effettua|completa|concludi|confermare|completare) {_OBJECT}"
            r"(?:ordine|acquisto|pagamento|prenotazione|bonifico)\b",
            rf"\bbestelling {_OBJECT}(?:plaatsen|afronden)\b",
            r"(?:购买|立即支付|确认支付|立即付款|确认付款|下单|提交订单|删除|发送|发布|上传|预订|订阅|转账)",
            r"(?:購入する|支払う|注文する|注文を確定|送信|削除|投稿する|公開する|予約する)",
        )
    )
)

_HARMLESS_FIRST = frozenset(
    "view see show track edit change review open read search find filter sort reorder copy print "
    "download manage save about how learn why new create add write compose choose select start "
    "back return go continue proceed next previous to don dont not keep never undo close hide "
    "my your recent past all latest cancel "
    "zuruck weiter ansehen anzeigen nicht meine neue wie ir volver seguir continuar ver no mis "
    "aller retour continuer voir mes ne vai torna continua vedi mostra non i terug verder".split()
)
"""First words after which a clause speaks of a thing or leads to a page."""

_HARMLESS = re.compile(
    r"\bfilt(?:er|re|ro)|\b(?:cart|basket|bag|wish ?list|warenkorb|panier|carrito|cesta|carrello|"
    r"winkelwagen)\b|\b(?:ansehen|anzeigen|verfolgen|bearbeiten|fortsetzen)$"
)
"""Clauses about the page's own things, which can be put back."""

_FILLERS = frozenset(
    "yes ok okay now please click just i want ja jetzt bitte oui maintenant je si s m ahora ya "
    "adesso ora tak nu".split()
)
_LINK_VERBS = frozenset(
    "pay delete erase publish submit unsubscribe deactivate terminate loschen loeschen kundigen "
    "kuendigen absenden abschicken stornieren veroffentlichen supprimer publier resilier payer "
    "eliminar borrar pagar elimina cancella pubblica eliminare excluir apagar verwijderen".split()
)
"""Verbs that commit on a link too: nobody opens a page by `Delete`."""

_CONFIRMING = frozenset(
    "ok okay yes confirm continue proceed agree accept done ja bestatigen weiter fortfahren oui "
    "confirmer continuer accepter si confirmar continuar aceptar conferma continua accetta sim "
    "aceitar bevestigen doorgaan tak potwierdz".split()
)
_SAYS_YES = frozenset("yes ok okay ja oui si sim tak".split())
_ASKING = re.compile(
    r"\b(?:sure|want|really|would you like|mochten|moechten|wollen|wirklich|sicher|voulez|"
    r"souhaitez|sur de|seguro|desea|quiere|quieres|sicuro|vuoi|deseja|certeza|weet je)\b"
)
_MAX_WORDS = 8
"""Longer labels are texts, not orders to the page."""


def commit_word(label: str, *, link: bool = False) -> str:
    """The part of a label that says it acts beyond the page; "" if none does.

    `link`: the control leads somewhere by nature, so that only words that nobody uses for
    opening a page count.
    """
    for clause in _clauses(label):
        if found := _commits(clause, link):
            return found
    return ""


def confirms(label: str) -> bool:
    """Whether a label only says yes to what stands beside it: OK, Yes, Confirm, Continue."""
    words = _words(_folded(label))
    if not words or len(words) > 4:
        return False
    return words[0] in _SAYS_YES or all(word in _CONFIRMING for word in words)


def asks_to_commit(text: str) -> str:
    """The sentence of a dialog that asks for something beyond the page; "" if none does.

    "Delete this message?", "Are you sure you want to send it?", or a short title.
    """
    sentences: list[str] = re.findall(r"[^.!?:\n]+\??", text)
    for sentence in sentences:
        folded = _folded(sentence)
        words = _words(folded)
        asked = sentence.endswith("?")
        if (asked or len(words) <= 5) and commit_word(sentence):
            return sentence.strip()
        if (asked or _ASKING.search(folded)) and (_IMPERATIVES | _INFINITIVES) & set(words):
            return sentence.strip()
    return ""


def _clauses(label: str) -> list[str]:
    folded = _folded(label)
    return [part.strip() for part in re.split(r"\s(?:and|und|et|y|e|en)\s|[&+|·•;]|, ", folded)]


def _commits(clause: str, link: bool) -> str:
    words = _words(clause)
    if len(words) > _MAX_WORDS or _HARMLESS.search(clause):
        return ""
    if phrase := _PHRASES.search(" ".join(words)):
        return str(phrase[0])
    while len(words) > 1 and words[0] in _FILLERS:
        words = words[1:]
    if not words or words[0] in _HARMLESS_FIRST:
        return ""
    verb = words[0] if words[0] in _IMPERATIVES and not _is_noun(words) else ""
    verb = verb or next((word for word in words if word in _INFINITIVES), "")
    if link and not (verb in _LINK_VERBS and len(words) <= 4) and not _bare_send(words, verb):
        return ""
    return verb


def _bare_send(words: list[str], verb: str) -> bool:
    """`Send` and `Send message`, but not `Send us your questions`."""
    return verb in {"send", "senden", "envoyer", "enviar", "invia"} and len(words) <= 2


def _is_noun(words: list[str]) -> bool:
    """Whether what follows the first word makes a thing of it: order history, post 12."""
    if len(words) == 1:
        return False
    after = words[1]
    if after.startswith("#") or (after.isdigit() and len(words) == 2):
        return True
    return after in _NOUN_AFTER.get(words[0], "").split()


def _words(folded: str) -> list[str]:
    return re.findall(r"[#$€£¥]?\w+|[$€£¥]", folded)


def _folded(text: str) -> str:
    lower = text.casefold().replace("ł", "l").replace("ø", "o").replace("’", "'")
    plain = unicodedata.normalize("NFKD", lower)
    joined = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[-_/\\']+", " ", unicodedata.normalize("NFKC", joined))
