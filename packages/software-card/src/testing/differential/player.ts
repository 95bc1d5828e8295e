import { concatBytes } from "@tallystick/apdu";
import type { CardUnderTest } from "./card-under-test.ts";
import type { Coverage } from "./coverage.ts";
import type { Issuer } from "./issuer.ts";
import * as issuing from "./play-issuer.ts";
import * as reading from "./play-log.ts";
import * as paying from "./play-payments.ts";
import { pinCommand } from "./play-pins.ts";
import { PlayedCard } from "./played-card.ts";
import type { AllowanceStep, Step } from "./step.ts";
import { Transcript } from "./transcript.ts";

/**
 * How far a card is brought before the steps of a sequence: nothing, up to its key pair, without a
 * PIN, ready to pay; then frozen, ended, or with a second instance of another domain beside the
 * first.
 */
export type Prologue = "blank" | "half" | "no-pin" | "whole" | "suspended" | "terminated" | "pair";

const INSIDE = "inside";
const UNKNOWN_AID = Uint8Array.of(0xf0, 0x54, 0x41, 0x4c, 0x4c, 0x59, 0x00, 0x09, 0x00);
const FIRST_ALLOWANCE: AllowanceStep = {
  seq: 1,
  perTap: 500,
  pinAbove: 400,
  noPinSum: 3_000,
  noPinCount: 20,
  more: 100_000,
  counters: 1_000,
  categories: "all",
  flags: 0,
  forge: "none",
  channel: INSIDE,
};

/**
 * Plays abstract steps against one card and reports each answer with what belongs to this card
 * alone replaced by a check of it.
 */
export class Player {
  readonly #card: CardUnderTest;
  readonly #transcript: Transcript;
  readonly #instances: readonly [PlayedCard, PlayedCard];
  #played: PlayedCard;

  constructor(card: CardUnderTest, issuer: Issuer, coverage: Coverage | null) {
    this.#card = card;
    const transcript = new Transcript(coverage);
    this.#transcript = transcript;
    this.#instances = [
      new PlayedCard({ card, issuer, transcript, instance: 1 }),
      new PlayedCard({ card, issuer, transcript, instance: 2 }),
    ];
    this.#played = this.#instances[0];
  }

  async begin(prologue: Prologue): Promise<readonly string[]> {
    await this.#card.renew(prologue === "pair" ? 2 : 1);
    const [first, second] = this.#instances;
    if (prologue === "pair") await issue(second, "whole");
    await issue(first, prologue);
    return this.#transcript.take();
  }

  /** The answers to one step, ready to be compared with another card's. */
  async play(step: Step): Promise<readonly string[]> {
    await this.#play(this.#played, step);
    return this.#transcript.take();
  }

  async #play(played: PlayedCard, step: Step): Promise<void> {
    switch (step.kind) {
      case "select":
        await played.select(step.short);
        return;
      case "select-other":
        await played.send(concatBytes(Uint8Array.of(0x00, 0xa4, 0x04, 0x00, 0x08), UNKNOWN_AID));
        await played.select();
        return;
      case "switch":
        return await this.#switch();
      case "power":
        return await played.powerCycle();
      case "pay":
        return await paying.pay(played, paying.requestFor(played, step.pay), step.pay.short);
      case "torn-pay":
        return await paying.payTorn(played, step.pay, step.when);
      case "replay":
        return await paying.replay(played, step);
      case "prove":
        return await paying.prove(played, step.length);
      case "get-log":
        return await reading.getLog(played, step);
      case "get-challenge":
        return await reading.getChallenge(played, step.length);
      case "read-log":
        return await reading.readLog(played, step.read);
      case "pin":
        return await pinCommand(played, step.pin);
      case "raw":
        return await raw(played, step.header, step.length);
      default:
        return await playIssuer(played, step);
    }
  }

  /** To the other instance of the card, where there is one. */
  async #switch(): Promise<void> {
    const [first, second] = this.#instances;
    const other = this.#played === first ? second : first;
    const { sw } = await other.select();
    if (sw === 0x9000) this.#played = other;
  }
}

type IssuerStep = Extract<
  Step,
  { kind: "allowance" | "certificate" | "beacon-get" | "beacon-put" | "store" | "get-data" | "open" | "generate-key" }
>;

async function playIssuer(played: PlayedCard, step: IssuerStep): Promise<void> {
  switch (step.kind) {
    case "allowance":
      return await issuing.updateAllowance(played, step.allowance);
    case "certificate":
      return await issuing.presentCertificate(played, step.certificate);
    case "beacon-get":
      return await issuing.getBeacon(played);
    case "beacon-put":
      return await issuing.putBeacon(played, step.seq, step.forge);
    case "store":
      return await issuing.store(played, step);
    case "get-data":
      return await issuing.getData(played, step.tag, step.channel);
    case "open":
      return await issuing.open(played, step.channel);
    case "generate-key":
      return await issuing.generateKey(played, step.channel);
  }
}

async function issue(played: PlayedCard, prologue: Prologue): Promise<void> {
  const own = async (tag: number) => {
    await issuing.store(played, { tag, value: "own", channel: INSIDE });
  };
  await played.select();
  if (prologue === "blank") return;
  await own(0x7f02);
  await own(0x7f03);
  await issuing.generateKey(played, INSIDE);
  if (prologue === "half") return;
  await own(0x7f04);
  await own(0x7f05);
  if (prologue !== "no-pin") await own(0x7f06);
  await issuing.open(played, INSIDE);
  await issuing.updateAllowance(played, FIRST_ALLOWANCE);
  if (prologue !== "suspended" && prologue !== "terminated") return;
  await payOnce(played);
  await issuing.store(played, { tag: 0x7f01, value: prologue === "suspended" ? "other" : "end", channel: INSIDE });
}

/** A payment for the log and the replay of a card that makes no other. */
async function payOnce(played: PlayedCard): Promise<void> {
  const step = { short: false, ownTag: true, turn: 1, payee: 1, amount: 40, terminal: 0, category: 3, challenge: 1 };
  await paying.pay(played, paying.requestFor(played, { ...step, time: "middle" }));
}

async function raw(
  played: PlayedCard,
  header: readonly [number, number, number, number],
  length: number,
): Promise<void> {
  const data = new Uint8Array(length).fill(0x2f);
  const body = length === 0 ? data : concatBytes(Uint8Array.of(length), data);
  await played.send(concatBytes(Uint8Array.from(header), body), { show: () => "data" });
}
