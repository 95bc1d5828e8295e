/**
 * Writes the pages of docs/reference that are made from this package's source, and the
 * specification's table for programs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { commandTableJson } from "./command-table.ts";
import { protocolErrorsPage, reasonCodesPage } from "./reference-pages.ts";

const folder = new URL("../../../../docs/reference/", import.meta.url);
writeFileSync(new URL("reason-codes.md", folder), reasonCodesPage());
writeFileSync(new URL("protocol-errors.md", folder), protocolErrorsPage());

const spec = new URL("../../../../docs/spec/", import.meta.url);
writeFileSync(new URL("command-table.json", spec), commandTableJson(readFileSync(new URL("4-card.md", spec), "utf8")));
