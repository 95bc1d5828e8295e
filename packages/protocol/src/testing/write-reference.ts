/** Writes the pages of docs/reference that are made from this package's source. */
import { writeFileSync } from "node:fs";
import { protocolErrorsPage, reasonCodesPage } from "./reference-pages.ts";

const folder = new URL("../../../../docs/reference/", import.meta.url);
writeFileSync(new URL("reason-codes.md", folder), reasonCodesPage());
writeFileSync(new URL("protocol-errors.md", folder), protocolErrorsPage());
