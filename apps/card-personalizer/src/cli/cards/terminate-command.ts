import { prove } from "@tallystick/card";
import { EXIT, type ExitCode } from "@tallystick/program";
import { cardStates, digestOf, encodeStateProof, stateProofEntry, toHex, type UploadEntry } from "@tallystick/protocol";
import type { CardVisit } from "../../card/card-visit.ts";
import { expectOk } from "../../card/expect.ts";
import { visitInside } from "../../card/visit-inside.ts";
import type { Config } from "../../config/load-config.ts";
import type { Environment } from "../../environment.ts";
import { Failure } from "../../failures.ts";
import { Journal } from "../../journal/journal.ts";
import { checkCardSignature } from "../../steps/card-identity.ts";
import { openIssuerTerminal } from "../../terminal/issuer-terminal.ts";
import { journalUpload, sendWaiting } from "../../terminal/uploads.ts";
import { createEnvironment, type ProgramIo } from "../program-io.ts";
import { writeCardState } from "../state-command.ts";
import { withRegister, type CardsFlags } from "./cards-commands.ts";
import { addressOf, namedCard } from "./named-card.ts";

export interface TerminateFlags extends CardsFlags {
  readonly reason: string;
  readonly reader?: string;
}

/**
 * `cards terminate`: ends the card on the reader for good (state 7F, spec §4.1), has it prove what it has spent, brings the
 * proof to settlement, and revokes the card. What it holds is certain from then on. Killed anywhere it is run again. Answers
 * the exit code.
 */
export function runTerminate(name: string, flags: TerminateFlags, io: ProgramIo): Promise<ExitCode> {
  return withRegister(flags, io, async (settlement, config) => {
    const card = await namedCard(name, { settlement, config, signal: io.signal });
    const environment = createEnvironment(io.signal);
    const journal = new Journal(config.journal);
    try {
      const inside = { config, journal, environment, signal: io.signal, checkCard: () => undefined };
      const proof = await visitInside(inside, (visit) => terminate(visit, { card, config, environment }));
      const nowSeconds = Math.floor(environment.now() / 1_000);
      const options = { terminal: openIssuerTerminal(config), journal, settlement, config, nowSeconds };
      await journalUpload(options, proof);
      await sendWaiting(options);
      await settlement.setStatus(card, { status: "revoked", reason: flags.reason });
    } finally {
      journal.close();
    }
    const line = { schema: "tallystick.cards/1", event: "terminated", card };
    const text = `${card} is terminated and revoked: it never pays again, and what it has spent is proved.`;
    io.writeLine(flags.json ? JSON.stringify(line) : text);
    return EXIT.done;
  });
}

/** Throws Failure WRONG_CARD where another card lies on the reader: nothing was written to it. */
async function terminate(
  visit: CardVisit,
  { card, config, environment }: { readonly card: string; readonly config: Config; readonly environment: Environment },
): Promise<UploadEntry> {
  if ((await addressOf(visit)) !== card) throw new Failure("WRONG_CARD");
  const before = await visit.selectApplet();
  // An earlier run may have been killed behind this.
  if (before?.answer.state !== cardStates.terminated) await writeCardState(visit, cardStates.terminated);
  const selected = await visit.selectApplet();
  if (selected?.kind !== "personalized") throw new Failure("CARD_CONTRADICTS", "SELECT shows no allowance.");
  const { cardKey } = selected.answer;
  const challenge = environment.randomBytes(16);
  const { signature: der, ...state } = expectOk("PROVE", await prove(visit.channel, challenge));
  const proof = { domain: config.domain, challenge, ...state };
  const signature = checkCardSignature("PROVE", { der, digest: digestOf(encodeStateProof(proof)), cardKey });
  if (state.state !== cardStates.terminated)
    throw new Failure("CARD_CONTRADICTS", `Look at: state ${toHex(Uint8Array.of(state.state))}.`);
  return stateProofEntry({ cardKey, proof, signature });
}
