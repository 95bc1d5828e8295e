/** Version that a document says it is in after `asOpenApi31`. */
export const OPENAPI_VERSION = "3.1.0";

/**
 * A document of OpenAPI 3.0, as the framework writes it, in OpenAPI 3.1: there a schema is one of JSON
 * Schema 2020-12, which knows neither `nullable` nor a bound that is exclusive by a flag. Everything
 * else stays as it is.
 */
export function asOpenApi31<Document extends object>(document: Document): Document {
  return { ...(converted(document) as Document), openapi: OPENAPI_VERSION };
}

type Schema = Readonly<Record<string, unknown>>;

function converted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(converted);
  if (typeof value !== "object" || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, converted(each)]));
  return withNull(withBound(withBound(inner, "Minimum"), "Maximum"));
}

/** `nullable` beside a type becomes a second type; beside anything else, a second way to fit. */
function withNull(schema: Schema): Schema {
  const { nullable, ...rest } = schema;
  if (typeof nullable !== "boolean") return schema;
  if (!nullable) return rest;
  const { type, enum: values, ...others } = rest;
  if (typeof type === "string") {
    const all = Array.isArray(values) && !values.includes(null) ? [...(values as unknown[]), null] : values;
    return { type: [type, "null"], ...(values === undefined ? {} : { enum: all }), ...others };
  }
  const { description, ...way } = rest;
  return { anyOf: [way, { type: "null" }], ...(description === undefined ? {} : { description }) };
}

/** A bound that is exclusive by a flag becomes the exclusive bound itself. */
function withBound(schema: Schema, which: "Minimum" | "Maximum"): Schema {
  const name = `exclusive${which}`;
  const inclusive = which.toLowerCase();
  const { [name]: isExclusive, [inclusive]: bound, ...rest } = schema;
  if (typeof isExclusive !== "boolean") return schema;
  return isExclusive ? { ...rest, [name]: bound } : { ...rest, [inclusive]: bound };
}
