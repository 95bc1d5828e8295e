import tseslint from "typescript-eslint";

/**
 * The rules of the house that a linter can see in one file. Each ban names what to use instead. Rules that need types (promises,
 * exhaustive switches) are in .oxlintrc.json: another linter reads types ten times as fast.
 */
const houseRules = {
  "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
  "no-restricted-syntax": [
    "error",
    { selector: "ExportAllDeclaration", message: "List the exports by name (export { a, b } from …)." },
    { selector: "TSEnumDeclaration", message: "Use a union of string literals." },
    {
      selector: "ForInStatement",
      message: "Use Object.keys or Object.entries.",
    },
  ],
  "no-restricted-properties": [
    "error",
    { object: "process", property: "env", message: "Parse the configuration once, in the file that reads it." },
    { object: "Math", property: "random", message: "Use randomness that is passed in, or node:crypto in apps." },
  ],
  eqeqeq: ["error", "always", { null: "ignore" }],
  "no-console": "error",
  "@typescript-eslint/consistent-type-imports": [
    "error",
    { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
  ],
  "@typescript-eslint/no-explicit-any": "error",
  "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
};

/** A name of money with the type `number`: money is a bigint of units (style, habit 10). */
const moneyIsBigint = {
  selector:
    "TSPropertySignature[key.name=/^(amount|spent|balance|maxSpent|softSpent|perTap|pinAbove|noPinSum|unsentSum|units)$/] > TSTypeAnnotation > TSNumberKeyword",
  message: "Money is a bigint of units tied to its asset, or a decimal string on the wire.",
};

/** Assertions about the text of an error: texts may be improved at any time, codes stay. */
const assertsText =
  "Assert the error's code (toMatchObject({ code })), never its text; what can be thrown has a stable code.";
const codesNotTexts = [
  ...["Literal", "TemplateLiteral"].map((type) => ({
    selector: `CallExpression[callee.property.name=/^toThrow/] > ${type}.arguments`,
    message: assertsText,
  })),
  {
    selector:
      "CallExpression[callee.property.name=/^toThrow/] > CallExpression.arguments[callee.object.name='expect'][callee.property.name=/^string/]",
    message: assertsText,
  },
  {
    selector:
      "Property[key.name='message'] > CallExpression.value[callee.object.name='expect'][callee.property.name=/^string/]",
    message: assertsText,
  },
];

/** The longest function in any language (infra/check/limits.ts holds Java and Solidity to the same). */
const functionLength = ["error", { max: 70, skipBlankLines: true, skipComments: true }];

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "**/node_modules/**",
      "**/out/**",
      "**/target/**",
      "**/coverage/**",
      "**/generated/**",
      "**/*.cjs",
    ],
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.base],
    // NestJS reads the types of constructors at run time, so an import that only those use is a value's.
    languageOptions: { parserOptions: { emitDecoratorMetadata: true, experimentalDecorators: true } },
    rules: houseRules,
  },
  {
    files: ["packages/**/src/**/*.ts"],
    ignores: [
      "**/*.test.ts",
      "packages/apdu/src/{pcsc,vpcd,reader}/**",
      // What every program needs of its process, its files and its clock; nothing below apps imports it.
      "packages/program/**",
      // Likewise: the variable that holds an HSM's PIN, and the addon that reaches it.
      "packages/keystore/**",
      "**/testing/**",
    ],
    rules: {
      "no-restricted-globals": [
        "error",
        { name: "process", message: "Packages know no process: take what you need as an argument." },
        { name: "setInterval", message: "Packages own no timer." },
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Take the time as an argument." },
        { object: "Math", property: "random", message: "Take randomness as an argument." },
        { object: "performance", property: "now", message: "Take the time as an argument." },
        { object: "crypto", property: "getRandomValues", message: "Take randomness as an argument." },
      ],
    },
  },
  {
    files: ["**/src/**/*.ts", "**/src/**/*.tsx"],
    ignores: ["**/*.test.ts", "**/*.test.tsx", "**/testing/**"],
    rules: { "no-restricted-syntax": [...houseRules["no-restricted-syntax"], moneyIsBigint] },
  },
  {
    // How long a file may be is one of the rules of infra/check: it counts in all languages alike.
    files: ["**/*.ts", "**/*.tsx", "**/*.mjs", "**/*.js"],
    ignores: ["**/*.test.ts", "**/*.test.tsx", "**/test/**", "**/testing/**"],
    rules: { "max-lines-per-function": functionLength },
  },
  {
    files: ["**/*.test.ts", "**/*.test.tsx", "**/test/**/*.ts", "**/testing/**/*.ts", "e2e/**/*.ts"],
    rules: { "no-restricted-syntax": [...houseRules["no-restricted-syntax"], ...codesNotTexts] },
  },
  {
    // Where the environment is read: configuration files, the development stack, and tests.
    files: [
      "infra/**/*.ts",
      "e2e/**/*.ts",
      "bench/**/*.ts",
      "**/*.test.ts",
      "**/config/**/*.ts",
      "**/*config.ts",
      "packages/apdu/src/{pcsc,vpcd,reader}/**/*.ts",
      "**/test/**/*.ts",
      // libpcsclite takes its socket from the process's own environment and from nowhere else.
      "apps/*/src/reader/**/*.ts",
      // A key file may name the variable that holds its HSM's PIN.
      "packages/keystore/src/files/reference-file.ts",
    ],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Use node:crypto or a seeded generator." },
      ],
    },
  },
  {
    files: ["**/*.mjs"],
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" },
  },
);
