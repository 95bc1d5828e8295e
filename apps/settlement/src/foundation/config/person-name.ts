/** Names are lower case, so that no two of them differ by case alone. */
export const PERSON_NAME = {
  pattern: /^[a-z][a-z0-9.-]{0,39}$/,
  message: "must be lower-case letters, digits, dots and hyphens",
} as const;
