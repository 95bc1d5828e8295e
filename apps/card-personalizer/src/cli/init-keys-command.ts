import { existsSync } from "node:fs";
import { toHex } from "@tallystick/protocol";
import { keyUseOf, loadConfig } from "../config/load-config.ts";
import { EXIT, type ExitCode } from "@tallystick/program";
import { Failure } from "../failures.ts";
import { drawMasterKeyFile, drawTerminalKeyFile, openMasterKeys, readTerminalSigner } from "../keys/key-files.ts";
import { reportFailure, type ProgramIo } from "./program-io.ts";

export interface InitKeysFlags {
  readonly config: string;
  readonly json: boolean;
}

/**
 * `init-keys`: draws the development key files that the configuration names and that are not there, and shows what may be
 * shown of them. A file that is there is read and never touched. Answers the exit code.
 */
export async function runInitKeys({ config: file, json }: InitKeysFlags, io: ProgramIo): Promise<ExitCode> {
  try {
    const config = loadConfig(file);
    const { mode, masterKeyFile, testPayee } = config;
    if (mode !== "development") {
      throw new Failure("USAGE", "Keys are drawn for development only; production keys come from the key ceremony.");
    }
    if (!existsSync(masterKeyFile)) drawMasterKeyFile(masterKeyFile);
    if (!existsSync(testPayee.terminalKeyFile)) drawTerminalKeyFile(testPayee.terminalKeyFile);
    const masterKeyCheckValue = openMasterKeys(config, keyUseOf(config)).name;
    const terminalKey = toHex(readTerminalSigner(testPayee.terminalKeyFile, keyUseOf(config)).publicKey);
    const fields = { schema: "tallystick.personalizer-keys/1", development: true, masterKeyCheckValue, terminalKey };
    io.writeLine(
      json
        ? JSON.stringify(fields)
        : `Development keys. Master key check value ${masterKeyCheckValue}, test terminal ${terminalKey}.`,
    );
    return EXIT.done;
  } catch (error) {
    return reportFailure(error, json, io);
  }
}
