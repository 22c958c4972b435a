"""`minplan seed load`: many invented citizens with whole plans, by COPY and in sets.

Each batch is one transaction: COPY into the tables, then documents and first versions from the
section functions that publication uses. Every constraint and trigger stays on. A load that is
stopped leaves whole citizens only, and the next one continues after the newest of them.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from random import Random
from typing import Final
from uuid import UUID

import asyncpg
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from app.dev import load_texts as texts
from app.dev.load_people import MIX, Caseworker, Group, Office, World
from app.dev.load_plans import add_citizen
from app.dev.load_rows import Rows, id_range, number_of
from app.settings import Settings
from app.store.clock import clock_of
from app.store.code_lists import read_csv, store_occupations
from app.store.cpr import CprVault
from app.store.db import SERVER_SETTINGS
from app.store.queries import DB, queries

BATCH: Final = 250
"""Citizens of one transaction."""
CONNECTIONS: Final = 2
_CASEWORKERS: Final = 6
"""Caseworkers that a load gives each jobcenter and fund."""
_LOCK: Final = 4_207_002
"""Any number, the same in every process: one load at a time."""

_SESSION: Final[Mapping[str, str]] = {
    **SERVER_SETTINGS,
    "application_name": "minplan load",
    "synchronous_commit": "off",
    # the statistics are those of the tables before the load: look-ups by key are always right here
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}

Connection = asyncpg.Connection[asyncpg.Record] if False else asyncpg.Connection
