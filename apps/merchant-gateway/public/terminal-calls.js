// Calls to the terminal, and ids that a sale or a refund keeps when its answer is lost.

/**
 * One call to the terminal; a problem becomes an error with its code. A terminal that is not ready
 * says so with 503 and its whole state.
 */
export async function call(path, options) {
  const response = await fetch(path, options);
  const body = await response.json().catch(() => null);
  if (body !== null && (response.ok || body.ready === false)) return body;
  const error = new Error(body?.detail ?? `The terminal answered ${response.status}.`);
  error.code = body?.code ?? "NO_ANSWER";
  throw error;
}

export function post(path, body, signal) {
  return call(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

/**
 * A random id. `crypto.randomUUID` is missing where the page comes over plain HTTP from another
 * machine.
 */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
