"""Where the state is kept: one SQLite file a run, written before the next node begins.

One file a run, so that runs side by side never wait for each other's lock. Only the newest
checkpoints stay: a run goes on from its last, and its story is in `events.jsonl`.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from pydantic import TypeAdapter

from agent.folder import storage_failed
from agent.state import RunState

KEPT = 3
"""How many checkpoints of a run stay; the newest is the one that `resume` reads."""

_FIELDS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(field.rebuild_annotation()) for name, field in RunState.model_fields.items()
}


def plain(update: dict[str, Any]) -> dict[str, Any]:
    """A node's update as JSON data, checked against the state's fields.

    So a checkpoint holds no class of ours by name and can be read by any later version.
    """
    return {name: _FIELDS[name].dump_python(value, mode="json") for name, value in update.items()}


class Saver(AsyncSqliteSaver):
    """LangGraph's SQLite saver that forgets all but the newest checkpoints."""

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint, then drop the oldest beyond `KEPT`."""
        saved = await super().aput(config, checkpoint, metadata, new_versions)
        old = (
            "SELECT checkpoint_id FROM checkpoints WHERE thread_id = :thread "
            "ORDER BY checkpoint_id DESC LIMIT -1 OFFSET :kept"
        )
        values = {"thread": str(config["configurable"]["thread_id"]), "kept": KEPT}
        async with self.lock:
            for table in ("writes", "checkpoints"):
                await self.conn.execute(
                    f"DELETE FROM {table} WHERE thread_id = :thread AND checkpoint_id IN ({old})",
                    values,
                )
            await self.conn.commit()
        return saved


@asynccontextmanager
async def open_saver(path: Path) -> AsyncIterator[Saver]:
    """Open the checkpoints in this file. Raises `RunStorageFailed` where it cannot be written."""
    try:
        async with aiosqlite.connect(path) as connection:
            # In WAL mode this survives the death of the process at any moment, and costs no
            # wait for the disk after every node; only a power cut may lose the last ones.
            await connection.execute("PRAGMA synchronous=NORMAL")
            saver = Saver(connection)
            await saver.setup()
            yield saver
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        raise storage_failed(path, error) from error
