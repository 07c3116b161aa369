"""Which labels commit: one list that must ask, one that must not, in many languages."""

import pytest

from tools.wording import asks_to_commit, commit_word, confirms

COMMITS = """
Place order | Place your order | Buy | Buy now | Buy it now | Pay €12.50 | Pay 12,50 € | Pay 12 €
Pay | Order now | Order | Order (2 items) 12.50 | Confirm order | Confirm and pay | Review and pay
Complete purchase | Send | Send message | Send feedback | Delete | Delete account | Publish
Delete this file | Publish changes | Post | Post comment | Upload | Book now | Reserve a table
Subscribe | Unsubscribe | Book | Transfer | Transfer $50 | Submit | Submit order | Remove account
Close my account | Cancel subscription | Cancel order | Create account | Save and publish
Yes, delete it | Donate | Bid | Place bid | Sign contract | Delete permanently | Pay with card
Jetzt kaufen | Zahlungspflichtig bestellen | Bestellung abschicken | Konto löschen | Hochladen
Nachricht senden | Absenden | Veröffentlichen | Überweisen | Kündigen | Jetzt buchen
Acheter | Commander | Passer la commande | Valider ma commande | Envoyer | Supprimer le compte
S’abonner | Publier | Confirmer l'achat | Réserver
Comprar ahora | Pagar | Realizar pedido | Tramitar pedido | Enviar mensaje | Eliminar | Suscribirse
Acquista ora | Paga | Ordina | Conferma l'ordine | Invia | Elimina | Prenota | Abbonati
Kup teraz | Usuń | Zapłać | Finalizar compra | Kopen | 提交订单 | 削除
"""
HARMLESS = """
Orders | Order history | My orders | Order by price | Order: ascending | Sort order | Order #123
Track order | View order | Order details | Order summary | Payment method | Payment | To payment
Continue to payment | Proceed to checkout | Go to checkout | Checkout | Add to cart | Add to basket
Remove | Remove from cart | Delete from basket | Post code | Posts | Bookings | Books | Notebook
Book details | Deleted items | Search | Sign in | Log in | Save | Next | Continue | Cancel
Don't delete | Keep subscription | Back to order | Edit order | New post | Reorder | Delete filter
Pay later | Download | Accept all cookies | Add pizza | Sold out | Show password | Large | Menu
Bestellungen | Meine Bestellungen | Bestellung ansehen | Zahlungsart | Weiter einkaufen | Versand
Weiter zur Zahlung | Buchungen | Mes commandes | Historique des commandes | Télécharger
Pedidos | Mis pedidos | Seguir comprando | Ordenar por | Resumen de compra
Ordina per prezzo | Carica altro | I miei ordini | 订单
"""
LINKS_THAT_COMMIT = "Delete | Pay now | Place order | Send | Löschen | Supprimer | Confirm order"
LINKS_THAT_LEAD = """
Orders | Order now | Buy now | Book a table | Subscribe | Send us a message | Order online | Post
Upload | Reservieren | Buy | Pay your bills online today
"""


def labels(table: str) -> list[str]:
    """The labels of a table above."""
    return [
        label.strip() for line in table.split("\n") for label in line.split("|") if label.strip()
    ]


@pytest.mark.parametrize("label", labels(COMMITS))
def test_a_button_that_acts_beyond_the_page_commits(label: str) -> None:
    assert commit_word(label)
    assert commit_word(label.upper())


@pytest.mark.parametrize("label", labels(HARMLESS))
def test_a_button_that_does_not_is_left_alone(label: str) -> None:
    assert not commit_word(label)


def test_a_link_commits_only_where_nobody_would_open_a_page_by_its_words() -> None:
    assert [x for x in labels(LINKS_THAT_COMMIT) if not commit_word(x, link=True)] == []
    assert [x for x in labels(LINKS_THAT_LEAD) if commit_word(x, link=True)] == []


@pytest.mark.parametrize(
    "text",
    [
        "confirm: Delete this message?",
        "Are you sure you want to send it?",
        "Möchten Sie die Datei wirklich löschen?",
        "Voulez-vous vraiment supprimer ce fichier ?",
        "¿Seguro que desea eliminar la cuenta?",
        "Delete file",
    ],
)
def test_a_dialog_that_asks_for_something_irreversible_is_recognised(text: str) -> None:
    assert asks_to_commit(text)


@pytest.mark.parametrize(
    "text",
    ["We use cookies to send you ads. Accept?", "Leave site?", "Your session will expire", ""],
)
def test_other_dialogs_are_not(text: str) -> None:
    assert not asks_to_commit(text)


def test_what_only_says_yes() -> None:
    yes = ["OK", "Yes, I am sure", "Confirm", "Weiter", "Agree"]
    no = ["Large", "Continue shopping", "Accept all cookies", "No", "", "Confirm password"]
    assert [x for x in yes + no if confirms(x)] == yes
