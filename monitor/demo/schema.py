"""The tables of the demo platform's file. Times are seconds since 1970, UTC."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
    id TEXT PRIMARY KEY,
    board TEXT NOT NULL,
    kind TEXT NOT NULL,               -- review, post, comment, answer
    parent_id TEXT NOT NULL DEFAULT '',
    root_id TEXT NOT NULL,
    author TEXT NOT NULL,
    author_id TEXT NOT NULL,
    stars INTEGER,
    title TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    location TEXT NOT NULL DEFAULT '',
    by_owner INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    edited_at REAL,
    deleted_at REAL,
    updated_at REAL NOT NULL,
    seq INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    served_at REAL,                   -- when a list first delivered it whole
    reactions TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS items_by_change ON items (board, by_owner, seq);
CREATE INDEX IF NOT EXISTS items_by_parent ON items (parent_id);
CREATE INDEX IF NOT EXISTS items_by_root ON items (root_id);
CREATE UNIQUE INDEX IF NOT EXISTS one_answer ON items (parent_id) WHERE kind = 'answer';
CREATE TABLE IF NOT EXISTS agenda (
    id INTEGER PRIMARY KEY,
    due REAL NOT NULL,                -- story seconds
    backdated REAL NOT NULL DEFAULT 0,
    action TEXT NOT NULL,             -- appear, edit, delete, comment
    item_id TEXT NOT NULL,
    payload TEXT NOT NULL DEFAULT '{}',
    done INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS agenda_by_due ON agenda (done, due, id);
CREATE TABLE IF NOT EXISTS faults (
    name TEXT PRIMARY KEY, spec TEXT NOT NULL,
    drawn INTEGER NOT NULL DEFAULT 0, struck INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    board TEXT NOT NULL,
    item_id TEXT NOT NULL,
    text TEXT NOT NULL,
    key TEXT NOT NULL,
    outcome TEXT NOT NULL,            -- created, replaced, unchanged, refused, withdrawn
    reply_id TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT ''
);
"""
