import type { ConformanceCase } from "./environment.ts";
import { exchangeCases } from "./exchange-cases.ts";
import { lossCases } from "./loss-cases.ts";
import { presenceCases } from "./presence-cases.ts";
import { serviceCases } from "./service-cases.ts";
import { sharingCases } from "./sharing-cases.ts";

export type { ConformanceCase, ConformanceEnvironment, ConformanceNeed } from "./environment.ts";

/** Every behaviour that a user of the reader port may rely on, whatever the binding. */
export function readerConformance(): readonly ConformanceCase[] {
  return [...presenceCases, ...exchangeCases, ...lossCases, ...sharingCases, ...serviceCases];
}
