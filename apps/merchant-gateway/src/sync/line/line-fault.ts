/** What happened to a call on its way, and what somebody at the terminal does about it. */
export interface LineFault {
  /** A sentence for the cashier. */
  readonly happened: string;
  readonly next: string;
}

/**
 * Every way in which a call does not reach settlement, or its answer does not come back, by its
 * stable code (spec §5.8). None of them is a reason to stop selling.
 */
export const lineFaults = {
  LINE_NO_NETWORK: {
    happened: "This device has no network.",
    next: "Check its cable or its wireless network.",
  },
  LINE_NAME_NOT_FOUND: {
    happened: "Settlement's name was not found on the network.",
    next: "Check the network of this device, then settlementUrl in the configuration.",
  },
  LINE_CONNECTION_REFUSED: {
    happened: "The computer at settlement's address takes no connections.",
    next: "Settlement may be down for a moment. If it stays so, compare settlementUrl with what settlement gave you.",
  },
  LINE_CONNECTION_RESET: {
    happened: "The connection to settlement broke off.",
    next: "Nothing is lost; it is tried again. If it stays so, try another network.",
  },
  LINE_TIMED_OUT: {
    happened: "Settlement does not answer in time.",
    next: "The line may be slow or blocked. If it stays so, try another network.",
  },
  LINE_LOGIN_PAGE: {
    happened: "A page on the way wants a login before it lets this device through.",
    next: "Open a browser on this network and log in, or use another network.",
  },
  LINE_OTHER_ANSWERED: {
    happened: "Something else than settlement answered.",
    next: "Compare settlementUrl with what settlement gave you; ask whoever runs the network or the proxy.",
  },
  LINE_BODY_TOO_LARGE: {
    happened: "Something on the way takes no body of the size of even one payment.",
    next: "Ask whoever runs the network or the proxy to let larger bodies through. It is tried again.",
  },
  LINE_CERTIFICATE_NOT_YET_VALID: {
    happened: "Settlement's certificate is not valid yet by the clock of this device.",
    next: "Set the clock of this device.",
  },
  LINE_CERTIFICATE_EXPIRED: {
    happened: "Settlement's certificate is no longer valid by the clock of this device.",
    next: "Check the clock of this device. If it is right, tell settlement.",
  },
  LINE_CERTIFICATE_UNKNOWN: {
    happened: "Nobody that this device trusts has signed the certificate that was shown as settlement's.",
    next: "Do not go round it: somebody may stand in between. Try another network; ask settlement.",
  },
  LINE_CERTIFICATE_WRONG_NAME: {
    happened: "The certificate that was shown as settlement's is of another name.",
    next: "Compare settlementUrl with what settlement gave you, and log in where this network wants it.",
  },
  LINE_TLS_FAILED: {
    happened: "No encrypted connection to settlement could be made.",
    next: "Compare settlementUrl with what settlement gave you; try another network.",
  },
} as const satisfies Readonly<Record<string, LineFault>>;

export type LineFaultCode = keyof typeof lineFaults;

/** A call that did not come through. */
export class LineError extends Error {
  override readonly name = "LineError";
  readonly code: LineFaultCode;

  /** `detail` is for whoever looks closer: a status, or what the system called it. */
  constructor(code: LineFaultCode, detail: string) {
    const { happened, next } = lineFaults[code];
    super(`${happened} ${next} (${detail})`);
    this.code = code;
  }
}

/** What the system, TLS and the reader of HTTP call a fault. */
const codesOfSystem: Readonly<Record<string, LineFaultCode>> = {
  ENETUNREACH: "LINE_NO_NETWORK",
  EHOSTUNREACH: "LINE_NO_NETWORK",
  ENETDOWN: "LINE_NO_NETWORK",
  EADDRNOTAVAIL: "LINE_NO_NETWORK",
  ENOTFOUND: "LINE_NAME_NOT_FOUND",
  EAI_AGAIN: "LINE_NAME_NOT_FOUND",
  EAI_FAIL: "LINE_NAME_NOT_FOUND",
  EAI_NODATA: "LINE_NAME_NOT_FOUND",
  EAI_NONAME: "LINE_NAME_NOT_FOUND",
  ECONNREFUSED: "LINE_CONNECTION_REFUSED",
  ECONNRESET: "LINE_CONNECTION_RESET",
  ECONNABORTED: "LINE_CONNECTION_RESET",
  EPIPE: "LINE_CONNECTION_RESET",
  ETIMEDOUT: "LINE_TIMED_OUT",
  CERT_NOT_YET_VALID: "LINE_CERTIFICATE_NOT_YET_VALID",
  CERT_HAS_EXPIRED: "LINE_CERTIFICATE_EXPIRED",
  ERR_TLS_CERT_ALTNAME_INVALID: "LINE_CERTIFICATE_WRONG_NAME",
  HOSTNAME_MISMATCH: "LINE_CERTIFICATE_WRONG_NAME",
  DEPTH_ZERO_SELF_SIGNED_CERT: "LINE_CERTIFICATE_UNKNOWN",
  SELF_SIGNED_CERT_IN_CHAIN: "LINE_CERTIFICATE_UNKNOWN",
  UNABLE_TO_GET_ISSUER_CERT: "LINE_CERTIFICATE_UNKNOWN",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "LINE_CERTIFICATE_UNKNOWN",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "LINE_CERTIFICATE_UNKNOWN",
  CERT_SIGNATURE_FAILURE: "LINE_CERTIFICATE_UNKNOWN",
  CERT_UNTRUSTED: "LINE_CERTIFICATE_UNKNOWN",
  CERT_REJECTED: "LINE_CERTIFICATE_UNKNOWN",
  CERT_CHAIN_TOO_LONG: "LINE_CERTIFICATE_UNKNOWN",
  INVALID_CA: "LINE_CERTIFICATE_UNKNOWN",
  INVALID_PURPOSE: "LINE_CERTIFICATE_UNKNOWN",
  EPROTO: "LINE_TLS_FAILED",
};

/** The fault of the line behind what a socket threw; it is never passed on without a cause. */
export function lineErrorOf(thrown: unknown): LineError {
  if (thrown instanceof LineError) return thrown;
  const error = firstOf(thrown);
  const name = typeof error.code === "string" ? error.code : "";
  const detail = name === "" ? String(error.message ?? thrown) : name;
  const known = codesOfSystem[name];
  if (known !== undefined) return new LineError(known, detail);
  if (/^ERR_(SSL|TLS)_/.test(name)) return new LineError("LINE_TLS_FAILED", detail);
  // Whatever spoke, it was not HTTP.
  if (name.startsWith("HPE_")) return new LineError("LINE_OTHER_ANSWERED", detail);
  return new LineError("LINE_CONNECTION_RESET", detail);
}

interface SystemError {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** A name with several addresses fails with one error for each; they are of one kind. */
function firstOf(thrown: unknown): SystemError {
  const { errors } = (thrown ?? {}) as { readonly errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return errors[0] as SystemError;
  return (thrown ?? {}) as SystemError;
}
