import { EXIT, type ExitCode } from "@tallystick/program";
import { openLoadFile } from "../card/load-file.ts";
import { reportFailure, type ProgramIo } from "./program-io.ts";

export interface LoadFileFlags {
  readonly json: boolean;
}

/** `load-file`: the SHA-256 of what of a CAP file goes onto a card, to compare builds by. Answers the exit code. */
export function runLoadFile(path: string, { json }: LoadFileFlags, io: ProgramIo): ExitCode {
  try {
    const { dataBlock, sha256 } = openLoadFile(path);
    const fields = { schema: "tallystick.load-file/1", sha256: `0x${sha256}`, bytes: dataBlock.length };
    io.writeLine(json ? JSON.stringify(fields) : `load file data block: ${fields.bytes} bytes, SHA-256 ${sha256}`);
    return EXIT.done;
  } catch (error) {
    return reportFailure(error, json, io);
  }
}
