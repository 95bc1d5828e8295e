import type Database from "better-sqlite3";

/** See Journal. */
export function keysOfCard(db: Database.Database, cardName: string): readonly string[] {
  const known = db
    .prepare<[string], { keys_name: string }>("select keys_name from card_keys where card_name = ? order by seq desc")
    .all(cardName)
    .map(({ keys_name }) => keys_name);
  if (known.length > 0) return known;
  // Cards of earlier releases: the step that replaced their keys names them.
  const rows = db
    .prepare<[string], { data: string }>(
      `select steps.data from steps join runs using (reference)
       where runs.card_name = ? and steps.name = 'replace-keys' and steps.state = 'done'`,
    )
    .all(cardName);
  return rows
    .map(({ data }) => (JSON.parse(data) as Readonly<Record<string, unknown>>)["keys"])
    .filter((name) => typeof name === "string");
}

/** See Journal. */
export function rememberKeys(db: Database.Database, cardName: string, keysName: string): void {
  db.transaction(() => {
    db.prepare("delete from card_keys where card_name = ? and keys_name <> ?").run(cardName, keysName);
    add(db, cardName, keysName);
  })();
}

/** See Journal. */
export function expectKeys(db: Database.Database, cardName: string, keysName: string): void {
  db.transaction(() => {
    add(db, cardName, keysName);
    db.prepare("delete from refused_keys where card_name = ? and keys_name = ?").run(cardName, keysName);
  })();
}

function add(db: Database.Database, cardName: string, keysName: string): void {
  db.prepare("insert into card_keys (card_name, keys_name) values (?, ?) on conflict do nothing").run(
    cardName,
    keysName,
  );
}
