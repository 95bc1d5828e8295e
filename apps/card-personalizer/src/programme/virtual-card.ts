import { existsSync, readFileSync } from "node:fs";
import { select } from "@tallystick/card";
import { encodeAllowanceBody, fromHex, type Address } from "@tallystick/protocol";
import { openSoftwareCard, type SoftwareCard } from "@tallystick/software-card";
import { expectOk, expectSame } from "../card/expect.ts";
import type { Config } from "../config/load-config.ts";
import { blamingBytesOn, Failure } from "../failures.ts";
import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import { SOFTWARE_CLASS, VIRTUAL_FUND } from "../limits.ts";
import { particularsOf } from "../personalize/particulars.ts";
import { checkSettlement } from "../settlement/check-settlement.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import { payTestPayee } from "../steps/finishing/final-tap.ts";
import { uploadVoucher } from "../steps/finishing/upload.ts";
import { writeAllowance } from "../steps/finishing/write-allowance.ts";
import { fetchAllowance } from "../steps/funding/allowance.ts";
import { certifyTerminal } from "../steps/funding/certificate.ts";
import { awaitFinality } from "../steps/funding/final.ts";
import { requestDeposit } from "../steps/funding/fund.ts";
import { registerCard } from "../steps/funding/register.ts";
import { writeAddress } from "../steps/identity/address.ts";
import { writeDomain } from "../steps/identity/domain.ts";
import { makeKey } from "../steps/identity/generate-key.ts";
import { writeIssuerKey } from "../steps/identity/issuer-key.ts";
import { signOpening } from "../steps/identity/opening.ts";
import { writeOwner } from "../steps/identity/owner.ts";
import { provePossession } from "../steps/identity/prove.ts";
import { StepRunner, textOf, type StepObserver } from "../steps/step-runner.ts";
import { ensureCertificate, type CertificateOptions } from "../terminal/certificate.ts";
import { openIssuerTerminal } from "../terminal/issuer-terminal.ts";
import { writeDurably } from "./files/programme-state.ts";

/** How the register calls a programme's virtual card. */
export const VIRTUAL_REFERENCE = "virtual-card";

export interface VirtualCardOptions {
  /** The issuer's configuration, as the programme wrote it. */
  readonly config: Config;
  readonly owner: Address;
  readonly journal: Journal;
  readonly settlement: SettlementClient;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Where the card is kept between two runs; it holds its key. */
  readonly file: string;
  readonly observe: StepObserver;
}

/** A virtual card that was made and has paid. */
export interface VirtualPayment {
  readonly card: string;
  readonly voucherId: string;
}

/**
 * Makes a card in software by the very steps of a real one, and has it pay one unit to the issuer's test payee: so vault,
 * token, keys, settlement and terminal have met once before the first chip is touched. Goes on where an earlier run stopped.
 */
export async function payWithVirtualCard(given: VirtualCardOptions): Promise<VirtualPayment> {
  const { journal, settlement, environment, signal, owner, observe } = given;
  const options = { ...given, config: virtualConfig(given.config), reference: VIRTUAL_REFERENCE, fund: VIRTUAL_FUND };
  const { config } = options;
  const card = await openSoftwareCard({ store: fileStore(given.file), random: environment.randomBytes });
  if (journal.run(VIRTUAL_REFERENCE) === null)
    journal.begin(VIRTUAL_REFERENCE, particulars(config, owner), environment.now());
  const steps = new StepRunner({ journal, reference: VIRTUAL_REFERENCE, environment, signal, observe });
  await blamingBytesOn("SETTLEMENT_ANSWER", () => checkSettlement(settlement, config));
  await makeVirtualIdentity(card, steps, options);
  const terminal = openIssuerTerminal(config);
  const nowSeconds = Math.floor(environment.now() / 1_000);
  const certificate: CertificateOptions = { terminal, journal, settlement, config, nowSeconds };
  await blamingBytesOn("SETTLEMENT_ANSWER", async () => {
    await registerCard(steps, options);
    await requestDeposit(steps, options);
    await awaitFinality(steps, options);
    await certifyTerminal(steps, certificate);
    await fetchAllowance(steps, { ...options, visits: "two", assuranceClass: SOFTWARE_CLASS });
  });
  await selected(card);
  await writeAllowance(card.personalize, steps);
  const shown = await selected(card);
  if (shown.kind !== "personalized") throw new Failure("CARD_CONTRADICTS", "SELECT shows no allowance.");
  const body = fromHex(textOf(steps.dataOf("allowance"), "body"));
  expectSame("allowance in SELECT", encodeAllowanceBody(shown.answer.allowanceBody), body);
  await payTestPayee(card.transmit, steps, {
    ...{ config, environment, select: shown.answer },
    certificate: () => ensureCertificate(certificate),
  });
  await blamingBytesOn("SETTLEMENT_ANSWER", () => uploadVoucher(steps, certificate));
  journal.finish(VIRTUAL_REFERENCE);
  const tap = steps.dataOf("final-tap");
  return { card: textOf(steps.dataOf("generate-key"), "card"), voucherId: textOf(tap, "voucherId") };
}

/** From nothing to a card that has signed its opening. */
async function makeVirtualIdentity(
  card: SoftwareCard,
  steps: StepRunner,
  { config, owner, environment }: Pick<VirtualCardOptions, "config" | "owner" | "environment">,
): Promise<void> {
  const identity = {
    ...{ domain: config.domain, issuerKey: config.cardIssuerKey, owner },
    challenge: () => environment.randomBytes(16),
  };
  await selected(card);
  await writeDomain(card.personalize, steps, identity);
  await writeIssuerKey(card.personalize, steps, identity);
  await makeKey(card.personalize, steps);
  await selected(card);
  await provePossession(card.transmit, steps, identity);
  await writeAddress(card.personalize, steps);
  await writeOwner(card.personalize, steps, identity);
  await signOpening(card.personalize, steps, identity);
}

async function selected(
  card: SoftwareCard,
): Promise<Extract<Awaited<ReturnType<typeof select>>, { ok: true }>["value"]> {
  return expectOk("SELECT", await select(card.transmit));
}

/** The programme's limits for a card of one unit without a PIN. */
function virtualConfig(config: Config): Config {
  const { maxSpent: _most, softSpent: _soft, pinAbove: _pin, ...caps } = config.caps;
  return { ...config, caps };
}

function particulars(config: Config, owner: Address): Parameters<Journal["begin"]>[1] {
  return particularsOf({ config: { ...config, instance: 1 }, owner, fund: VIRTUAL_FUND });
}

/** One file, replaced as a whole: what it confirmed survives a loss of power. */
function fileStore(path: string): Parameters<typeof openSoftwareCard>[0]["store"] {
  return {
    load: async () => (existsSync(path) ? new Uint8Array(readFileSync(path)) : null),
    save: async (image) => writeDurably(path, image),
  };
}
