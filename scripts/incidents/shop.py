"""A web shop on the server: its tables, and customers who use it until they are told to stop."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from scripts.incidents.server import Server

SCHEMA = """
CREATE EXTENSION pg_stat_statements;
CREATE ROLE shop LOGIN;
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, placed date NOT NULL, total numeric NOT NULL);
CREATE TABLE stock (id int PRIMARY KEY, item text NOT NULL, pieces int NOT NULL);
INSERT INTO customers SELECT n, 'customer ' || n FROM generate_series(1, 2000) n;
INSERT INTO orders SELECT n, n % 2000 + 1, date '2024-01-01' + n % 700, n % 90 + 0.99 FROM generate_series(1, 200000) n;
INSERT INTO stock SELECT n, 'item ' || n, 100000 FROM generate_series(1, 50) n;
CREATE INDEX orders_customer ON orders (customer_id);
GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA public TO shop;
"""
HISTORY = "SELECT placed, total FROM orders WHERE customer_id = {} ORDER BY placed DESC LIMIT 10"
BUY = "UPDATE stock SET pieces = pieces - 1 WHERE id = {}"
LOGIN = "SELECT name FROM customers WHERE id = {}"
CUSTOMERS = 8
"""At the same time."""
_PAUSE = 0.02
"""Seconds between two requests of one."""


@dataclass
class Requests:
    """What the shop's own counters say since they were last taken."""

    done: int = 0
    failed: int = 0
    seconds: float = 0.0
    slowest: float = 0.0


@dataclass
class Shop:
    """Customers at work, each with a connection for each request, as simple web programs have it."""

    server: Server
    leaks: threading.Event = field(default_factory=threading.Event)
    """Set: some requests leave their connection open."""
    _closed: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counted: Requests = field(default_factory=Requests)
    _left: list[psycopg.Connection] = field(default_factory=list)

    def taken(self) -> Requests:
        """The counters, which begin anew."""
        with self._lock:
            counted, self._counted = self._counted, Requests()
        return counted

    def work(self, number: int) -> None:
        """One customer after another, until the shop closes."""
        dice = random.Random(number)
        while not self._closed.wait(_PAUSE):
            began = time.monotonic()
            try:
                self._request(dice)
                failed = 0
            except psycopg.Error:
                failed = 1
            took = time.monotonic() - began
            with self._lock:
                self._counted.done += 1 - failed
                self._counted.failed += failed
                self._counted.seconds += took
                self._counted.slowest = max(self._counted.slowest, took)

    def _request(self, dice: random.Random) -> None:
        said, most = dice.choice([(HISTORY, 2000), (LOGIN, 2000), (BUY, 50)])
        connection = self.server.connect("shop", program="web")
        connection.execute(said.format(dice.randint(1, most)))
        if self.leaks.is_set() and dice.random() < 0.1:
            with self._lock:
                self._left.append(connection)
        else:
            connection.close()

    def close(self, threads: Sequence[threading.Thread]) -> None:
        """Send the customers home, then close what they left open."""
        self._closed.set()
        for thread in threads:
            thread.join()
        for connection in self._left:
            connection.close()


@contextmanager
def opened(server: Server) -> Iterator[Shop]:
    """The shop, open while the block lasts. Whatever holds its customers up must be over by then."""
    with server.connect("dba") as dba:
        for statement in filter(str.strip, SCHEMA.split(";")):
            dba.execute(statement)
    with server.connect("dba") as dba:  # another session: the first has reported its rows when it has ended
        dba.execute("ANALYZE")
    shop = Shop(server)
    threads = [threading.Thread(target=shop.work, args=(number,)) for number in range(CUSTOMERS)]
    for thread in threads:
        thread.start()
    try:
        yield shop
    finally:
        shop.close(threads)
