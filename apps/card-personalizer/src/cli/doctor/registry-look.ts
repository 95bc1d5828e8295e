import { equalBytes, type SecureSession } from "@tallystick/apdu";
import { instanceAid, PACKAGE_AID } from "@tallystick/protocol";
import { describeMemory, NO_PACKAGE_SENTENCE, shownRegistry } from "../../card/inspect.ts";
import { Failure } from "../../failures.ts";
import { INSTANCE_BYTES } from "../../limits.ts";

/** Life cycle states of a card (GP Card Specification v2.3.1 §5.1.1). */
const CARD_STATES: ReadonlyMap<number, string> = new Map([
  [0x01, "OP_READY"],
  [0x07, "INITIALIZED"],
  [0x0f, "SECURED"],
  [0x7f, "CARD_LOCKED"],
  [0xff, "TERMINATED"],
]);

/** What cards of this stock are given. */
export interface RegistryExpectations {
  readonly instance: number;
  /** Bytes of the package that is loaded where it is missing; null where cards must hold it. */
  readonly packageBytes: number | null;
}

/**
 * What is installed on a card, as its security domain says inside its channel: the card's state, the applet's package, the
 * instance, and whether there is room for what is missing. Throws Failure CARD_NOT_SUITABLE where it cannot become a card of
 * this stock. The registry names no hash of what was loaded: that is compared before it is loaded.
 */
export async function registryLook(
  session: SecureSession,
  { instance, packageBytes }: RegistryExpectations,
): Promise<string> {
  const [domain = null] = (await shownRegistry(session, "issuerSecurityDomain")) ?? [];
  const files = await shownRegistry(session, "loadFilesAndModules");
  const applications = await shownRegistry(session, "applications");
  if (files === null || applications === null) return "does not show its registry; what is missing INSTALL tells";
  const isLoaded = files.some(({ aid }) => equalBytes(aid, PACKAGE_AID));
  const isInstalled = applications.some(({ aid }) => equalBytes(aid, instanceAid(instance)));
  if (!isLoaded && packageBytes === null) throw new Failure("CARD_NOT_SUITABLE", NO_PACKAGE_SENTENCE);
  const needed = (isInstalled ? 0 : INSTANCE_BYTES) + (isLoaded ? 0 : (packageBytes ?? 0));
  const tooLittle = needed === 0 ? null : await describeMemory(session, needed);
  if (tooLittle !== null) throw new Failure("CARD_NOT_SUITABLE", tooLittle);
  const state =
    domain === null ? "of no shown state" : (CARD_STATES.get(domain.lifeCycle) ?? hexByte(domain.lifeCycle));
  const others = applications.length - (isInstalled ? 1 : 0);
  return [
    `the card is ${state}`,
    isLoaded ? "holds the package" : "will be given the package",
    isInstalled ? `has instance ${instance}` : `has no instance ${instance} yet`,
    ...(others === 0 ? [] : [`and ${others} other applications`]),
  ].join(", ");
}

function hexByte(value: number): string {
  return `in state 0x${value.toString(16).padStart(2, "0")}`;
}
