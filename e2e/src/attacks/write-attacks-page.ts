/** Writes docs/reference/attacks.md from the lists of attacks and lies. */
import { writeFileSync } from "node:fs";
import { attacksPage } from "./attacks-page.ts";

writeFileSync(new URL("../../../docs/reference/attacks.md", import.meta.url), attacksPage());
