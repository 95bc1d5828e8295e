import type { Command } from "commander";
import type { ExitCode } from "@tallystick/program";
import type { ProgramIo } from "../program-io.ts";
import type { PinFlags } from "./pin-command.ts";
import type { RenewFlags } from "./renew-command.ts";
import type { ReplaceFlags } from "./replace-command.ts";
import type { TerminateFlags } from "./terminate-command.ts";
import type { UpdateFlags } from "./update-command.ts";
import type { ListFlags, Task, TaskFlags } from "./cards-commands.ts";

// A command is loaded when it is called.
const loadListing = () => import("./cards-commands.ts");
const loadUpdate = () => import("./update-command.ts");
const loadRenew = () => import("./renew-command.ts");
const loadReplace = () => import("./replace-command.ts");
const loadTerminate = () => import("./terminate-command.ts");
const loadPin = () => import("./pin-command.ts");

/** `cards …`: the register and the life of its cards, by settlement. */
export function addCardsCommands(program: Command, io: ProgramIo, finish: (code: ExitCode) => void): void {
  const cards = program.command("cards").description("look into the register, and change what a card may do");
  const command = (name: string, description: string): Command =>
    cards
      .command(name)
      .description(description)
      .option("--json", "one JSON object a line", false)
      .requiredOption("--config <file>", "configuration, JSON");
  const reader = ["--reader <name>", "reader, as `readers` lists it"] as const;
  const state = ["--state <state>", "valid, suspended, revoked or lost alone"] as const;
  command("list", "every card")
    .option(...state)
    .option("--master-key <value>", "cards alone whose keys are of the master key with this check value")
    .action(async (flags: ListFlags) => finish(await (await loadListing()).runList(undefined, flags, io)));
  command("find", "cards whose reference or address has this in it")
    .argument("<text>")
    .option(...state)
    .action(async (text: string, flags: ListFlags) => finish(await (await loadListing()).runList(text, flags, io)));
  command("show", "what is known of a card, in sentences")
    .argument("[card]", "reference or address; the card on the reader where it is left out")
    .option(...reader)
    .action(async (card: string | undefined, flags: ListFlags) =>
      finish(await (await loadListing()).runShow(card, flags, io)),
    );
  command("update", "give the card on the reader its newest allowance, as any terminal would")
    .option(...reader)
    .action(async (flags: UpdateFlags) => finish(await (await loadUpdate()).runUpdate(flags, io)));
  command("renew", "move the card on the reader to the present master key and issuer key")
    .option("--reader <name>", "reader, as `readers` lists it")
    .requiredOption("--reason <text>", "why, for the audit log")
    .option("--retry-keys", "try keys once more that this card refused before", false)
    .action(async (flags: RenewFlags) => finish(await (await loadRenew()).runRenew(flags, io)));
  const task = (name: string, description: string, what: Task): Command =>
    command(name, description)
      .argument("[card]", "reference or address; the card on the reader where neither it nor an order is named")
      .option(...reader)
      .option("--order <file>", "every card of a file, CSV or JSON, instead of one")
      .requiredOption("--reason <text>", "why, for the audit log")
      .option("--dry-run", "check everything and change nothing", false)
      .action(async (card: string | undefined, flags: TaskFlags) =>
        finish(await (await loadListing()).runTask(what, card, flags, io)),
      );
  task("suspend", "terminals refuse the card until it is released, and it refuses to pay", "suspended");
  task("release", "terminals take the card again, and it pays", "valid");
  task("limits", "give the card other limits, which the next terminal writes to it", "limits").option(
    "--template <name>",
    "limits of the configuration, for one card; an order has it in its column limits",
  );
  task("lost", "terminals refuse the card as lost", "lost");
  task("revoke", "terminals refuse the card for good", "revoked");
  task("topup", "deposit from the treasury into the card", "topup")
    .option("--amount <amount>", "for one card; an order has it in its column fund")
    .option("--name <text>", "names the top-up, such as 2026-12: the same name again deposits nothing");
  addEndingCommands(command, { io, finish });
  addPinCommands(cards, { io, finish });
}

/** What ends a card, or puts another one in its place. */
function addEndingCommands(
  command: (name: string, description: string) => Command,
  { io, finish }: { readonly io: ProgramIo; readonly finish: (code: ExitCode) => void },
): void {
  command(
    "replace",
    "another card takes the place of a lost one of the issuer's: what is certain at once, the rest later",
  )
    .argument("<card>", "reference or address of the lost one")
    .requiredOption("--by <card>", "reference or address of the card that takes its place")
    .requiredOption("--reason <text>", "why, for the audit log")
    .action(async (card: string, flags: ReplaceFlags) =>
      finish(await (await loadReplace()).runReplace(card, flags, io)),
    );
  command("terminate", "end the card on the reader for good, prove what it has spent, and revoke it")
    .argument("<card>", "reference or address: no other card is touched")
    .requiredOption("--reason <text>", "why, for the audit log")
    .option("--reader <name>", "reader, as `readers` lists it")
    .action(async (card: string, flags: TerminateFlags) =>
      finish(await (await loadTerminate()).runTerminate(card, flags, io)),
    );
}

/** `cards pin …`: the PIN of the card on the reader. */
function addPinCommands(
  cards: Command,
  { io, finish }: { readonly io: ProgramIo; readonly finish: (code: ExitCode) => void },
): void {
  const pin = cards.command("pin").description("the PIN of the card on the reader");
  const command = (name: string, description: string): Command =>
    pin
      .command(name)
      .description(description)
      .option("--json", "one JSON object a line", false)
      .requiredOption("--config <file>", "configuration, JSON")
      .option("--reader <name>", "reader, as `readers` lists it");
  const secrets = ["--secrets <file>", "a file of your own with the secrets, instead of questions"] as const;
  command("set", "give the card the PIN and PUK of its letter, drawn where there is none").action(
    async (flags: PinFlags) => finish(await (await loadPin()).runPinSet(flags, io)),
  );
  command("change", "a new PIN by the old one")
    .option(...secrets)
    .action(async (flags: PinFlags) => finish(await (await loadPin()).runPinChange(flags, io)));
  command("unblock", "a new PIN by the PUK")
    .option(...secrets)
    .action(async (flags: PinFlags) => finish(await (await loadPin()).runPinUnblock(flags, io)));
}
