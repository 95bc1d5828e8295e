import pg from "pg";
import { PEER_CONNECTIONS } from "./limits.ts";

/**
 * The method of pgledger, written anew: one function call and one transaction a payment. It locks the
 * two accounts in the order of their ids, raises their versions, and writes the transfer and one entry
 * with the balances before and after for each account.
 */
const LAYOUT = [
  `create table peer_accounts (
    id text primary key, balance numeric not null default 0, version bigint not null default 0,
    may_fall boolean not null, may_rise boolean not null, updated_at timestamptz not null default now())`,
  `create table peer_transfers (
    id bigint generated always as identity primary key, from_account text not null references peer_accounts (id),
    to_account text not null references peer_accounts (id), amount numeric not null check (amount > 0),
    created_at timestamptz not null default now())`,
  `create table peer_entries (
    id bigint generated always as identity primary key, account text not null references peer_accounts (id),
    transfer bigint not null references peer_transfers (id), amount numeric not null,
    balance_before numeric not null, balance_after numeric not null, version bigint not null,
    created_at timestamptz not null default now(), unique (account, version))`,
  `create index on peer_transfers (from_account)`,
  `create index on peer_transfers (to_account)`,
  `create index on peer_entries (transfer)`,
  `create function peer_pay(payer text, payee text, units numeric) returns bigint language plpgsql as $$
  declare
    number bigint;
    side record;
    changed peer_accounts;
  begin
    perform from peer_accounts where id in (payer, payee) order by id for update;
    insert into peer_transfers (from_account, to_account, amount) values (payer, payee, units) returning id into number;
    for side in select * from (values (payer, -units), (payee, units)) as v (account, delta) loop
      update peer_accounts set balance = balance + side.delta, version = version + 1, updated_at = now()
        where id = side.account returning * into changed;
      if (changed.balance < 0 and not changed.may_fall) or (changed.balance > 0 and not changed.may_rise) then
        raise exception 'account % cannot have the balance %', side.account, changed.balance;
      end if;
      insert into peer_entries (account, transfer, amount, balance_before, balance_after, version)
        values (side.account, number, side.delta, changed.balance - side.delta, changed.balance, changed.version);
    end loop;
    return number;
  end $$`,
];

/** Books of the peer's method in a database of their own. */
export class PeerBooks {
  readonly #pool: pg.Pool;
  readonly #cards: number;
  readonly #payees: number;
  #paid = 0;

  private constructor(url: string, cards: number, payees: number) {
    this.#pool = new pg.Pool({ connectionString: url, max: PEER_CONNECTIONS });
    this.#cards = cards;
    this.#payees = payees;
  }

  static async open(url: string, parties: { readonly cards: number; readonly payees: number }): Promise<PeerBooks> {
    const books = new PeerBooks(url, parties.cards, parties.payees);
    for (const statement of LAYOUT) await books.#pool.query(statement);
    await books.#pool.query(
      `insert into peer_accounts (id, may_fall, may_rise)
        select 'card ' || i, true, true from generate_series(0, $1::int - 1) i
        union all select 'payee ' || i, false, true from generate_series(0, $2::int - 1) i`,
      [parties.cards, parties.payees],
    );
    return books;
  }

  /** Fills the books to so many payments by one statement for each thousand, unmeasured. */
  async fillTo(payments: number): Promise<void> {
    for (; this.#paid < payments; this.#paid += 1_000) {
      await this.#pool.query(
        `select peer_pay('card ' || (i % $1::int), 'payee ' || (i % $2::int), 1) from generate_series(1, 1000) i`,
        [this.#cards, this.#payees],
      );
    }
  }

  /** Payments a second, over all connections at once. */
  async rate(payments: number): Promise<number> {
    let left = payments;
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: PEER_CONNECTIONS }, async () => {
        while (left > 0) {
          const number = left--;
          const names = [`card ${number % this.#cards}`, `payee ${number % this.#payees}`];
          await this.#pool.query("select peer_pay($1, $2, 1)", names);
        }
      }),
    );
    this.#paid += payments;
    return (payments * 1_000) / (performance.now() - begun);
  }

  /** So many payments in one transaction, one function call each; answers how many. */
  async payTogether(payments: number): Promise<number> {
    await this.#pool.query(
      `select peer_pay('card ' || ((i + $3::int) % $1::int), 'payee ' || ((i + $3::int) % $2::int), 1)
        from generate_series(1, $4::int) i`,
      [this.#cards, this.#payees, this.#paid, payments],
    );
    this.#paid += payments;
    return payments;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
