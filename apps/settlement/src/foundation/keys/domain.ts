import type { Domain } from "@tallystick/protocol";
import type { Config } from "../config/config.ts";

/** Injection token of the one domain this service settles. */
export const DOMAIN = Symbol("DOMAIN");

export function domainOf({ chainId, vault }: Config): Domain {
  return { chainId, vault };
}
