import { describe, expect, it } from "@jest/globals";
import { digestOf, encodeLogReading, encodePayRequest, toAddress } from "@tallystick/protocol";
import { getChallenge, getLog, openLog, pay, presentCertificate, select } from "@tallystick/card";
import { must } from "@tallystick/card/testing";
import {
  certify,
  domain,
  logTerminal,
  MemoryStore,
  personalized,
  request,
  terminal,
} from "../src/testing/issued-card.ts";

// Who may read a payee's entries (spec §4.13), asked of the software card; LogRightTest asks the
// applet, and the differential test holds both to the same answers.

const NO_RIGHT = { ok: false, sw: 0x6982 };

async function paidCard() {
  const { card, cardKey } = await personalized(new MemoryStore());
  await must(pay(card.transmit, encodePayRequest(request(cardKey, 1, 5n))));
  const { payee, cardTag } = request(cardKey, 1, 5n);
  const sign = async (challenge: Uint8Array, changes = {}) =>
    await terminal.sign(digestOf(encodeLogReading({ domain, cardTag, challenge, ...changes })));
  const readSigned = async (signature: Uint8Array) => await getLog(card.transmit, 0, { payee, signature });
  const read = async () => await getLog(card.transmit, 0, { payee });
  const challenge = async () => await must(getChallenge(card.transmit));
  const present = async () => await must(presentCertificate(card.transmit, await certify()));
  return { card, cardKey, payee, sign, readSigned, read, challenge, present };
}

describe("the right to a payee's entries", () => {
  it("needs a certificate, then a challenge, then its signature", async () => {
    const { sign, readSigned, read, challenge, present } = await paidCard();
    expect(await readSigned(await sign(await challenge()))).toMatchObject(NO_RIGHT);
    await present();
    expect(await readSigned(await sign(new Uint8Array(16)))).toMatchObject(NO_RIGHT);
    expect(await read()).toMatchObject(NO_RIGHT);
    expect((await readSigned(await sign(await challenge()))).ok).toBe(true);
    expect((await read()).ok).toBe(true);
  });

  it.each([
    ["another domain", { domain: { ...domain, chainId: 1n } }],
    ["another card", { cardTag: new Uint8Array(8) }],
    ["another challenge", { challenge: new Uint8Array(16) }],
  ])("is not in a signature over %s, which uses the challenge up", async (_name, changes) => {
    const { sign, readSigned, challenge, present } = await paidCard();
    await present();
    const open = await challenge();
    expect(await readSigned(await sign(open, changes))).toMatchObject(NO_RIGHT);
    expect(await readSigned(await sign(open))).toMatchObject(NO_RIGHT);
  });

  it("is in the last challenge alone", async () => {
    const { sign, readSigned, challenge, present } = await paidCard();
    await present();
    const first = await challenge();
    expect(await challenge()).not.toEqual(first);
    expect(await readSigned(await sign(first))).toMatchObject(NO_RIGHT);
  });

  it("ends with a selection, a certificate and a try that fails, and not with a new challenge", async () => {
    const { card, sign, readSigned, read, challenge, present } = await paidCard();
    await present();
    const again = async () => expect((await readSigned(await sign(await challenge()))).ok).toBe(true);
    await again();
    await challenge();
    expect((await read()).ok).toBe(true);
    await readSigned(new Uint8Array(64).fill(1));
    expect(await read()).toMatchObject(NO_RIGHT);
    await again();
    await present();
    expect(await read()).toMatchObject(NO_RIGHT);
    const open = await challenge();
    await present();
    expect(await readSigned(await sign(open))).toMatchObject(NO_RIGHT);
    await again();
    await select(card.transmit);
    expect(await read()).toMatchObject(NO_RIGHT);
  });

  it("is to the certificate's payee", async () => {
    const { card, cardKey, payee } = await paidCard();
    const other = toAddress(new Uint8Array(20).fill(0xbb));
    expect(await openLog(card.transmit, await logTerminal(cardKey, { payee: other }), 0)).toMatchObject({ sw: 0x6a83 });
    expect(await getLog(card.transmit, 0, { payee })).toMatchObject(NO_RIGHT);
    const borrowed = { ...(await logTerminal(cardKey)), certificate: await certify({ payee: other }) };
    expect(await openLog(card.transmit, borrowed, 0)).toMatchObject(NO_RIGHT);
  });

  it("stops at what the card refuses first", async () => {
    const { card, cardKey } = await paidCard();
    const forged = { certificate: (await certify()).certificate, signature: new Uint8Array(64).fill(1) };
    const opened = await openLog(card.transmit, { ...(await logTerminal(cardKey)), certificate: forged }, 0);
    expect(opened).toMatchObject({ ok: false, sw: 0x9e0b });
  });

  it("cannot be had by a key that is no point", async () => {
    const { card, cardKey } = await paidCard();
    const terminalKey = Uint8Array.of(4, ...new Uint8Array(64).fill(5));
    expect(await openLog(card.transmit, await logTerminal(cardKey, { terminalKey }), 0)).toMatchObject(NO_RIGHT);
  });
});
