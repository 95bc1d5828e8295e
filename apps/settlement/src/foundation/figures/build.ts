import { readFileSync } from "node:fs";

/** The version of the program, from the package that it is built from. */
export const BUILD = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};
