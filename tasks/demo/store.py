"""The shop's memory: visitors' baskets and orders, in one SQLite file."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

_SCHEMA = """
CREATE TABLE IF NOT EXISTS visit (id TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
  number INTEGER PRIMARY KEY AUTOINCREMENT, visit TEXT NOT NULL, data TEXT NOT NULL
);
"""


class Item(BaseModel):
    """One line of a basket."""

    pizza: str
    size: str
    crust: str
    toppings: list[str]
    quantity: int


class PlacedOrder(BaseModel):
    """An order as the shop recorded it; of the card only the last four digits."""

    items: list[Item]
    address: dict[str, str]
    card: str


class Visit(BaseModel):
    """What the shop knows of one browser: its quirks, basket and half-filled forms."""

    seed: int = 0
    quirks: list[str] = Field(default_factory=list)
    items: list[Item] = Field(default_factory=list)
    address: dict[str, str] = Field(default_factory=dict)
    sold_out: str = ""
    hits: dict[str, int] = Field(default_factory=dict)
    cookies_accepted: bool = False
    modal_closed: bool = False
    last_order: int = 0


class Store:
    """Opens or makes the database at `path`; every call is one transaction."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def visit(self, key: str) -> Visit | None:
        """What is known of this browser."""
        row = self._db.execute("SELECT data FROM visit WHERE id = ?", (key,)).fetchone()
        return Visit.model_validate_json(row[0]) if row else None

    def save(self, key: str, visit: Visit) -> None:
        """Remember this browser."""
        self._db.execute("REPLACE INTO visit VALUES (?, ?)", (key, visit.model_dump_json()))

    def place(self, key: str, order: PlacedOrder) -> int:
        """Record an order; returns its number."""
        cursor = self._db.execute(
            "INSERT INTO orders (visit, data) VALUES (?, ?)", (key, order.model_dump_json())
        )
        return cursor.lastrowid or 0

    def orders(self) -> list[PlacedOrder]:
        """All orders, oldest first."""
        rows: list[tuple[Any]] = self._db.execute(
            "SELECT data FROM orders ORDER BY number"
        ).fetchall()
        return [PlacedOrder.model_validate(json.loads(data)) for (data,) in rows]
