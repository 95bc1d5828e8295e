import type { ServedDomain } from "../../config/gateway-config.ts";
import type { Policies } from "../../config/policies.ts";
import { TapError } from "../../taps/tap-error.ts";

/** What a call means by its currency: that one, or all where it names none. Throws TapError CURRENCY_NOT_SERVED. */
export function askedCurrencies(
  policies: Pick<Policies, "all">,
  currency: string | undefined,
): readonly ServedDomain[] {
  const all = policies.all().map(({ served }) => served);
  const asked = all.filter(({ asset }) => currency === undefined || asset.code === currency);
  if (asked.length > 0) return asked;
  throw new TapError("CURRENCY_NOT_SERVED", `This terminal takes ${all.map(({ asset }) => asset.code).join(", ")}.`);
}
