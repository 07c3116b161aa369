"""Random orders: the task in plain words, and whether the shop's database holds just that."""

import random
from dataclasses import dataclass

from tasks.demo.menu import draw_menu
from tasks.demo.store import PlacedOrder

_FIRST = (
    "Ann Ben Carla Dario Elif Frida Goran Hana Igor Jana Kofi Lena Milo Nora Omar Petra".split()
)
_LAST = "Lee Bauer Rossi Novak Okafor Duval Jensen Sato Weiss Marin Costa Young Haas Silva".split()
_STREETS = (
    "High Street,Mill Lane,Station Road,Park Avenue,Church Street,Elm Grove,Harbour Way".split(",")
)

_TASKS = (
    "Order a {pizza} pizza, size {size}{other}{crust}{toppings}{quantity}. "
    "Name {name}, street {street}, phone {phone}. Card number {card}.",
    "Please order the {pizza}{toppings}, size: {size}{other}{crust}{quantity}. "
    "Name: {name}, phone: {phone}, street: {street}, card number: {card}.",
    'Order "{pizza}"{toppings} with size "{size}"{other}{crust}{quantity}. '
    'Name "{name}", street "{street}", phone "{phone}", card number "{card}".',
)
_MORE = (", {label} {value}", ", {label}: {value}", ', {label} "{value}"')


@dataclass(frozen=True)
class Order:
    """What somebody wants of the shop with this seed; `other_size` if `size` is sold out there."""

    seed: int
    pizza: str
    size: str
    other_size: str
    crust: str
    toppings: tuple[str, ...]
    quantity: int
    address: dict[str, str]
    card: str
    phrasing: int

    def task(self, *, may_be_sold_out: bool = False) -> str:
        """The order in plain words; with what to take instead if its size is sold out.

        What the shop offers by itself (its first crust, one pizza) is left out.
        """
        other = f" (or {self.other_size} if that is sold out)" if may_be_sold_out else ""
        *most, last = self.toppings or ("",)
        extras = f"{', '.join(most)} and {last}" if most else last
        more = _MORE[self.phrasing]
        usual = draw_menu(self.seed).crusts[0]
        return _TASKS[self.phrasing].format(
            pizza=self.pizza,
            size=self.size,
            other=other,
            crust="" if self.crust == usual else more.format(label="crust", value=self.crust),
            toppings=f" with {extras}" if extras else "",
            quantity=""
            if self.quantity == 1
            else more.format(label="quantity", value=self.quantity),
            card=self.card,
            **{field.lower(): value for field, value in self.address.items()},
        )

    def wrong(self, orders: list[PlacedOrder], *, sold_out: bool = False) -> str:
        """What is wrong with what the shop recorded; empty if it is exactly this order."""
        if len(orders) != 1:
            return f"{len(orders)} orders instead of one"
        if len(orders[0].items) != 1:
            return f"{len(orders[0].items)} pizzas in the basket instead of one"
        item, placed = orders[0].items[0], orders[0]
        checks = {
            "pizza": (item.pizza, self.pizza),
            "size": (item.size, self.other_size if sold_out else self.size),
            "crust": (item.crust, self.crust),
            "toppings": (sorted(item.toppings), sorted(self.toppings)),
            "quantity": (item.quantity, self.quantity),
            "address": (placed.address, self.address),
            "card": (placed.card, self.card.replace(" ", "")[-4:]),
        }
        return "; ".join(
            f"{what} is {got!r}, not {wanted!r}"
            for what, (got, wanted) in checks.items()
            if got != wanted
        )


def draw_order(seed: int, shop: int | None = None) -> Order:
    """A random order from the menu of the shop with this seed, by default its own."""
    shop = seed if shop is None else shop
    menu, rng = draw_menu(shop), random.Random(f"order {seed}")
    size, other = rng.sample(menu.sizes, 2)
    return Order(
        seed=shop,
        pizza=rng.choice(menu.pizzas).name,
        size=size,
        other_size=other,
        crust=rng.choice(menu.crusts),
        toppings=tuple(rng.sample(menu.toppings, rng.randint(0, 2))),
        quantity=rng.choice((1, 1, 2, 3)),
        address={
            "Name": f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
            "Street": f"{rng.randint(1, 199)} {rng.choice(_STREETS)}",
            "Phone": f"0{rng.randint(100, 999)} {rng.randint(10000, 99999)}",
        },
        card=" ".join(f"{rng.randint(1000, 9999)}" for _ in range(4)),
        phrasing=rng.randrange(len(_TASKS)),
    )
