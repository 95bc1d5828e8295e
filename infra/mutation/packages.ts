/** What of a package has no place in a run, as a path from the package's folder and the reason. */
export type LeftOut = Readonly<Record<string, string>>;

/** A package that can be measured. Paths are globs from its folder. */
export type MeasuredPackage = { readonly testsLeftOut: LeftOut; readonly sourcesLeftOut: LeftOut };

/** The packages with a score. */
export const packages = {
  protocol: {
    testsLeftOut: { "src/spec.test.ts": "reads the whole checkout, and judges pages instead of code" },
    sourcesLeftOut: { "src/testing/**": "what the tests themselves are built of" },
  },
  apdu: {
    testsLeftOut: {
      "src/pcsc/**": "needs a pcscd",
      "src/pcsclite/**": "needs a pcscd",
      "src/vpcd/**": "needs sockets",
      "src/reader/reader-conformance.test.ts": "needs a pcscd",
      "src/index.test.ts": "loads the native library",
    },
    sourcesLeftOut: {
      "src/pcsc/**": "judged over a pcscd by the readers' conformance tests",
      "src/pcsclite/**": "judged over a pcscd by the readers' conformance tests",
      "src/vpcd/**": "judged over a pcscd by the readers' conformance tests",
      "src/testing/**": "what the tests themselves are built of",
    },
  },
  money: { testsLeftOut: {}, sourcesLeftOut: {} },
} as const satisfies Record<string, MeasuredPackage>;

/** The name of a package that can be measured. */
export type PackageName = keyof typeof packages;

/** Whether a text names one of them. */
export function isPackageName(text: string): text is PackageName {
  return Object.hasOwn(packages, text);
}
