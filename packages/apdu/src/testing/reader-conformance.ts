import type { ConformanceCase } from "./conformance/environment.ts";
import { exchangeCases } from "./conformance/exchange-cases.ts";
import { lossCases } from "./conformance/loss-cases.ts";
import { presenceCases } from "./conformance/presence-cases.ts";
import { serviceCases } from "./conformance/service-cases.ts";
import { sharingCases } from "./conformance/sharing-cases.ts";

export type { ConformanceCase, ConformanceEnvironment, ConformanceNeed } from "./conformance/environment.ts";

/** Every behaviour that a user of the reader port may rely on, whatever the binding. */
export function readerConformance(): readonly ConformanceCase[] {
  return [...presenceCases, ...exchangeCases, ...lossCases, ...sharingCases, ...serviceCases];
}
