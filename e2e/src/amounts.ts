/** Decimals of the test token. */
const DECIMALS = 6;

/** A decimal string as the asset's smallest parts. @throws RangeError for what is no amount */
export function parseAmount(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) throw new RangeError(`${JSON.stringify(text)} is no amount`);
  const [, sign = "", whole = "0", fraction = ""] = match;
  const parts = BigInt(whole + fraction.padEnd(DECIMALS, "0"));
  return sign === "-" ? -parts : parts;
}
