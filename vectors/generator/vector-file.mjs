// One vector file of an object with a fixed layout.
import { wrongForms } from "./malformed.mjs";

/**
 * One file: valid cases from fields, the common malformed forms of the first case, and further
 * malformed ones.
 */
export function file({ object, clause, build, cases, malformed = () => [], tagged = true }) {
  const valid = Object.entries(cases).map(([name, fields]) => ({ name, fields, bytes: build(fields) }));
  const first = valid[0].bytes;
  return { object, clause, valid, invalid: [...wrongForms(first, { tagged }), ...malformed(first)] };
}
