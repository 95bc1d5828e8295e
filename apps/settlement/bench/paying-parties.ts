import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import {
  contextHash,
  createSigner,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  encodeVoucherMessage,
  messageHash,
  toHex,
  type Domain,
  type VoucherBundle,
} from "@tallystick/protocol";
import type { UploadRequest } from "@tallystick/protocol/wire";
import type pg from "pg";
import { TestCard } from "../test/harness/test-card.ts";
import { TestTerminal } from "../test/harness/test-terminal.ts";
import { PAYMENT_UNITS } from "./limits.ts";

interface NativeSigning {
  ecdsaSign(digest: Uint8Array, secret: Uint8Array): { readonly signature: Uint8Array };
}

const native = createRequire(import.meta.url)("secp256k1/bindings") as NativeSigning;

/** Calls the program's API. */
export type CallApi = (path: string, body: unknown, token?: string) => Promise<unknown>;

/** The same bytes in every run. */
function named(kind: string, number: number): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(`bench ${kind} ${number}`).digest());
}

/** A card that signs as quickly as a fleet of them does. */
class BenchCard extends TestCard {
  readonly #secret: Uint8Array;

  constructor(domain: Domain, secret: Uint8Array) {
    super(domain, secret);
    this.#secret = secret;
  }

  voucher(terminal: TestTerminal, time: number): VoucherBundle {
    if (this.allowance === null) throw new Error("The card holds no allowance.");
    const spent = this.spent + PAYMENT_UNITS;
    const context = {
      ...{ challenge: named(toHex(this.address), this.counter).subarray(0, 16), terminalId: terminal.terminalId, time },
      ...({ spent, allowanceSeq: this.allowance.body.seq, category: 3, cvm: 0, flags: 0, link: this.head } as const),
    };
    const message = {
      ...{ domain: this.domain, payee: terminal.payee, counter: this.counter + 1, amount: PAYMENT_UNITS },
      context: contextHash(context),
    };
    const { signature } = native.ecdsaSign(digestOf(encodeVoucherMessage(message)), this.#secret);
    this.counter += 1;
    this.spent = spent;
    this.head = messageHash(message);
    return {
      ...{ cardKey: this.signer.publicKey, message, context, signature },
      ...{ allowanceBody: this.allowance.body, allowanceSignature: this.allowance.signature },
    };
  }
}

/** Cards and terminals that pay and upload in turn. */
export class PayingParties {
  readonly #cards: readonly BenchCard[];
  readonly terminals: readonly TestTerminal[];
  #next = 0;

  private constructor(cards: readonly BenchCard[], terminals: readonly TestTerminal[]) {
    this.#cards = cards;
    this.terminals = terminals;
  }

  /** Registers cards by the API, gives each an allowance of the issuer's key, and certifies terminals. */
  static async register(
    { cards, terminals }: { readonly cards: number; readonly terminals: number },
    means: {
      readonly domain: Domain;
      readonly issuerSecret: Uint8Array;
      readonly owner: string;
      readonly token: string;
      readonly call: CallApi;
      readonly database: pg.Client;
    },
  ): Promise<PayingParties> {
    const { domain, issuerSecret, owner, token, call, database } = means;
    const made: BenchCard[] = [];
    for (let number = 0; number < cards; number += 1) {
      const card = new BenchCard(domain, named("card", number));
      const registered = { cardKey: toHex(card.signer.publicKey), owner, reference: `bench ${number}` };
      const openingSignature = toHex(await card.opening(owner));
      const answer = (await call("/v1/cards", { ...registered, openingSignature }, token)) as { cardIndex: number };
      await allow(card, answer.cardIndex, { issuerSecret, database });
      made.push(card);
    }
    const certified: TestTerminal[] = [];
    for (let number = 0; number < terminals; number += 1) {
      const terminal = new TestTerminal(domain);
      const wide = { unsentSum: "200000000.00", perCardSum: "200000000.00", unsentCount: 4_000_000_000 };
      terminal.certificate = (await call(
        "/v1/merchants",
        terminal.certificateRequest(wide),
        token,
      )) as TestTerminal["certificate"];
      certified.push(terminal);
    }
    return new PayingParties(made, certified);
  }

  /** The next upload of a terminal: so many payments, by all cards in turn. */
  async upload(terminal: TestTerminal, vouchers: number): Promise<UploadRequest> {
    const time = Math.floor(Date.now() / 1_000) - 60;
    const bundles = Array.from({ length: vouchers }, () => {
      const card = this.#cards[this.#next++ % this.#cards.length];
      if (card === undefined) throw new Error("There are no cards.");
      return card.voucher(terminal, time);
    });
    return terminal.upload({ vouchers: bundles });
  }
}

async function allow(
  card: TestCard,
  cardIndex: number,
  { issuerSecret, database }: { readonly issuerSecret: Uint8Array; readonly database: pg.Client },
): Promise<void> {
  const now = Math.floor(Date.now() / 1_000);
  const day = 86_400;
  const body = {
    ...{
      issuerKeyId: 1,
      cardIndex,
      seq: 1,
      maxSpent: 1_000_000_000n,
      softSpent: 1_000_000_000n,
      maxCounter: 0x7fff_ffff,
    },
    ...{ perTap: 1_000_000n, pinAbove: 1_000_000n, noPinSum: 1_000_000_000n, noPinCount: 255 },
    ...{ categories: (1n << 64n) - 1n, flags: 0, notBefore: now - 30 * day, notAfter: now + 30 * day },
  };
  const bytes = encodeAllowance({ domain: card.domain, card: card.address, body });
  const signature = await createSigner(issuerSecret).sign(digestOf(bytes));
  card.allowance = { body, signature };
  await database.query(
    `insert into allowances (card, seq, body, signature, max_spent_units, max_counter, stored_at)
      values ($1, 1, $2, $3, $4, $5, now())`,
    [card.address, encodeAllowanceBody(body), signature, String(body.maxSpent), body.maxCounter],
  );
}
