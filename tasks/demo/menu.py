"""What the shop sells: drawn from a seed, so that no two shops are alike."""

import random
from dataclasses import dataclass

_PIZZAS = (
    "Margherita, Funghi, Diavola, Capricciosa, Marinara, Ortolana, Bufala, Tirolese, Siciliana, "
    "Boscaiola, Napoletana, Calabrese, Parmigiana, Carbonara, Vesuvio, Romana, Valtellina, "
    "Caprese, Fiorentina, Montanara, Tartufo, Primavera, Hawaii, Regina, Contadina, Salmone, "
    "Gorgonzola, Nduja, Amatriciana, Patate, Quattro Stagioni, Quattro Formaggi, "
    "Prosciutto Crudo, Tonno e Cipolla, Salsiccia e Friarielli, Bianca Verde, Rustica Nera, "
    "Mare e Monti"
).split(", ")
_TOPPINGS = (
    "Olives, Basil, Capers, Anchovies, Onions, Mushrooms, Artichokes, Rocket, Peppers, Sweetcorn, "
    "Spinach, Aubergine, Pineapple, Ham, Salami, Bacon, Tuna, Prawns, Egg, Garlic, Oregano, "
    "Chili, Ricotta, Walnuts, Courgette, Radicchio, Speck, Mozzarella, Sun-dried tomatoes, "
    "Goat cheese, Smoked scamorza, Truffle oil"
).split(", ")
_SIZES = (
    ("Small", "Medium", "Large"),
    ("Piccola", "Normale", "Grande", "Gigante"),
    ("26 cm", "32 cm", "40 cm"),
    ("Single", "Double", "Family"),
    ("Mini", "Classic", "Maxi"),
)
_CRUSTS = ("Thin", "Thick", "Wholemeal", "Stuffed", "Gluten-free")
FIELDS = ("Name", "Street", "Phone")
"""What the address form asks for; a seed shuffles the order."""


@dataclass(frozen=True)
class Pizza:
    """One pizza; `price` is in cents for the smallest size."""

    name: str
    price: int

    @property
    def slug(self) -> str:
        """The name as it stands in the pizza's address."""
        return self.name.lower().replace(" ", "-")


@dataclass(frozen=True)
class Menu:
    """What one shop offers, in the order in which its pages show it."""

    pizzas: tuple[Pizza, ...]
    sizes: tuple[str, ...]
    toppings: tuple[str, ...]
    crusts: tuple[str, ...]
    fields: tuple[str, ...]
    sections: tuple[str, ...]

    def pizza(self, slug: str) -> Pizza | None:
        """The pizza at this address, or None."""
        return next((p for p in self.pizzas if p.slug == slug), None)


def draw_menu(seed: int) -> Menu:
    """The menu of the shop with this seed; the same seed gives the same menu."""
    rng = random.Random(seed)
    return Menu(
        pizzas=tuple(
            Pizza(name, 10 * rng.randint(65, 150))
            for name in rng.sample(_PIZZAS, rng.randint(5, 8))
        ),
        sizes=rng.choice(_SIZES),
        toppings=tuple(rng.sample(_TOPPINGS, rng.randint(5, 8))),
        crusts=tuple(rng.sample(_CRUSTS, rng.randint(2, 3))),
        fields=tuple(rng.sample(FIELDS, len(FIELDS))),
        sections=tuple(rng.sample(("size", "crust", "toppings", "quantity"), 4)),
    )
