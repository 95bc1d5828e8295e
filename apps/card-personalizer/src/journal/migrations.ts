import type Database from "better-sqlite3";
import { Failure } from "../failures.ts";

/** Layouts by their numbers, which only grow; the file's user_version is the number of the newest that it has. */
const migrations: readonly (readonly [number: number, statements: string])[] = [
  [
    1,
    `create table runs (
     reference text primary key, particulars text not null, instance integer not null,
     card_name text, done integer not null default 0, begun_at_ms integer not null,
     unique (card_name, instance)) strict;
   create table steps (
     reference text not null references runs (reference), name text not null,
     state text not null check (state in ('begun', 'done')), data text not null,
     begun_at_ms integer not null, done_at_ms integer,
     primary key (reference, name)) strict;
   create table refused_keys (
     card_name text not null, keys_name text not null, at_ms integer not null,
     primary key (card_name, keys_name)) strict;
   create table certificates (
     terminal text primary key, certificate blob not null, signature blob not null) strict;
   create table uploads (
     terminal text not null, seq integer not null, upload blob not null, signature blob not null, body blob not null,
     answer text, primary key (terminal, seq)) strict;
   create unique index uploads_by_body on uploads (terminal, body);
   create index uploads_waiting on uploads (terminal, seq) where answer is null;`,
  ],
  [
    13,
    `create table card_keys (
     card_name text not null, keys_name text not null, seq integer primary key autoincrement,
     unique (card_name, keys_name)) strict;`,
  ],
  // Who made a card and where, and what is known of its chip, for the report of its order.
  [
    15,
    `alter table runs add column station text;
   alter table runs add column operator text;
   alter table runs add column facts text not null default '{}';`,
  ],
];

/** Brings the file to the newest layout; a file of a newer program is refused. */
export function migrate(db: Database.Database): void {
  const version = db.pragma("user_version", { simple: true }) as number;
  if (version > Math.max(...migrations.map(([number]) => number))) {
    throw new Failure("JOURNAL_FAULT", "It was written by a newer personalizer; use that one.");
  }
  for (const [number, statements] of migrations) {
    if (number <= version) continue;
    db.transaction(() => {
      db.exec(statements);
      db.pragma(`user_version = ${number}`);
    })();
  }
  // The first write takes the exclusive lock, so that a second process is refused at once and not at its first step.
  db.exec("begin immediate; commit");
}
