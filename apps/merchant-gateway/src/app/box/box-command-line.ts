import type { Command } from "commander";
import { Option } from "commander";
import { ConfigError, faultAt } from "@tallystick/program";
import { loadConfig } from "../../config/load-config.ts";
import type { BoxCommand } from "../../doors/box/box-command.ts";
import { type Role, roles } from "../../journal/doors/person-store.ts";
import { type PinInput, readPin } from "./read-pin.ts";
import type { BoxLine, PairingLine, TlsLine } from "./run-box.ts";

interface BoxOptions {
  readonly config: string;
}

/** Where the commands write, and what they read a PIN from. */
export interface BoxOutput {
  readonly report: (line: BoxLine | PairingLine | TlsLine) => void;
  readonly input: PinInput;
}

/** Adds what a merchant does at the box itself: people, codes for devices, devices, the certificate. */
export function addBoxCommands(program: Command, output: BoxOutput): void {
  addPeople(program, output);
  addDevices(program, output);
  configured(program.command("pair"))
    .description("Show a code, as text and QR, that pairs one device within ten minutes.")
    .action(async ({ config: file }: BoxOptions) => {
      const config = loadConfig(file);
      const { pairingLine, runBox } = await import("./run-box.ts");
      const offered = await runBox(config, { do: "pair" });
      if (offered.did === "code") output.report(await pairingLine(config, offered));
    });
  configured(program.command("tls").description("The box's own certificate.").command("init"))
    .description("Make the box's authority and its certificate where they are missing, and show their fingerprints.")
    .action(async ({ config: file }: BoxOptions) => {
      const { runTlsInit } = await import("./run-box.ts");
      const line = await runTlsInit(loadConfig(file));
      if (line === null) throw new ConfigError([faultAt("tls", "is missing; set it in the configuration")], file);
      output.report(line);
    });
}

function addPeople(program: Command, output: BoxOutput): void {
  const people = program.command("people").description("Who signs in at this terminal, with a role and a PIN.");
  configured(people.command("list"))
    .description("List people and their roles.")
    .action(async ({ config }: BoxOptions) => {
      await run(config, { do: "people.list" }, output);
    });
  configured(people.command("add").argument("<name>", "how people call them"))
    .description("Add somebody; the PIN is typed, or is the first line of the standard input.")
    .addOption(new Option("--role <role>", "what they may do").choices(roles).makeOptionMandatory())
    .action(async (name: string, { config, role }: BoxOptions & { readonly role: Role }) => {
      await run(config, { do: "people.add", name, role, pin: await pinOf(output) }, output);
    });
  configured(people.command("remove").argument("<name>", "as it is listed"))
    .description("Remove somebody; they are signed out everywhere.")
    .action(async (name: string, { config }: BoxOptions) => {
      await run(config, { do: "people.remove", name }, output);
    });
  configured(people.command("pin").argument("<name>", "as it is listed"))
    .description("Give somebody a new PIN, which ends a wait as well.")
    .action(async (name: string, { config }: BoxOptions) => {
      await run(config, { do: "people.pin", name, pin: await pinOf(output) }, output);
    });
}

function addDevices(program: Command, output: BoxOutput): void {
  const devices = program.command("devices").description("Devices that were paired with this terminal.");
  configured(devices.command("list"))
    .description("List paired devices.")
    .action(async ({ config }: BoxOptions) => {
      await run(config, { do: "devices.list" }, output);
    });
  configured(devices.command("revoke").argument("<id>", "as it is listed"))
    .description("End a device's key.")
    .action(async (id: string, { config }: BoxOptions) => {
      await run(config, { do: "devices.revoke", id }, output);
    });
}

function configured(command: Command): Command {
  return command
    .requiredOption("--config <file>", "the configuration of the gateway, which may run or not")
    .option("--json", "print JSON lines for programs instead of sentences");
}

async function run(file: string, command: BoxCommand, { report }: BoxOutput): Promise<void> {
  const { runBox } = await import("./run-box.ts");
  const answer = await runBox(loadConfig(file), command);
  if (answer.did !== "code") report({ schema: "tallystick.box/1", answer });
}

async function pinOf({ input }: BoxOutput): Promise<string> {
  return await readPin(input, (text) => process.stderr.write(text));
}
