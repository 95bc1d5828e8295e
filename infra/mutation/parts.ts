/** What of a part has no place in a run, as a glob from its folder and the reason. */
export type LeftOut = Readonly<Record<string, string>>;

/** A part of the programs that has a score of its own. Globs are paths from its folder. */
export type Part = {
  /** The package or app it lies in, from the checkout's root. */
  readonly folder: string;
  /** What is changed. */
  readonly sources: readonly string[];
  /** What judges the changes, the nearest first. */
  readonly tests: readonly string[];
  readonly sourcesLeftOut: LeftOut;
  readonly testsLeftOut: LeftOut;
  /** Contracts are changed and judged by their own tools; everything else by Stryker. */
  readonly language?: "solidity";
};

/** Reasons that hold for several parts. */
const testing = { "src/testing/**": "what the tests themselves are built of" };
const pcscd = "judged over a pcscd by the readers' conformance tests";
const gateway = { folder: "apps/merchant-gateway", sourcesLeftOut: {} };
const settlement = { folder: "apps/settlement" };
const overHttp = "the frame of an HTTP answer, judged over HTTP by the tests of the whole service";

/** The parts with a score. */
export const parts = {
  protocol: {
    folder: "packages/protocol",
    sources: ["src/**/*.ts"],
    tests: ["{src,test}/**/*.test.ts"],
    sourcesLeftOut: testing,
    testsLeftOut: { "src/spec.test.ts": "reads the whole checkout, and judges pages instead of code" },
  },
  apdu: {
    folder: "packages/apdu",
    sources: ["src/**/*.ts"],
    tests: ["{src,test}/**/*.test.ts"],
    sourcesLeftOut: { "src/pcsc/**": pcscd, "src/pcsclite/**": pcscd, "src/vpcd/**": pcscd, ...testing },
    testsLeftOut: {
      "src/pcsc/**": "needs a pcscd",
      "src/pcsclite/**": "needs a pcscd",
      "src/vpcd/**": "needs sockets",
      "src/reader/reader-conformance.test.ts": "needs a pcscd",
      "src/index.test.ts": "loads the native library",
    },
  },
  money: {
    folder: "packages/money",
    sources: ["src/**/*.ts"],
    tests: ["{src,test}/**/*.test.ts"],
    sourcesLeftOut: {},
    testsLeftOut: {},
  },
  vault: {
    folder: "packages/vault",
    sources: ["src/**/*.ts"],
    tests: ["src/**/*.test.ts"],
    sourcesLeftOut: {},
    testsLeftOut: { "src/abi/interface-docs.test.ts": "judges the comments of the contracts instead of code" },
  },
  "ledger-core": {
    folder: "packages/ledger-core",
    sources: ["src/**/*.ts"],
    tests: ["src/**/*.test.ts"],
    sourcesLeftOut: testing,
    testsLeftOut: {},
  },
  evm: {
    folder: "packages/evm",
    sources: ["src/**/*.ts"],
    tests: ["src/**/*.test.ts"],
    sourcesLeftOut: {
      "src/ethers/**": "talks to a real node, over which test/real-node.test.ts judges it",
      "src/vault/**": "reads a vault over a real node; judged by the tests of the apps that watch one",
      ...testing,
    },
    testsLeftOut: {},
  },
  "gateway-taps": {
    ...gateway,
    sources: ["src/taps/**/*.ts"],
    tests: ["src/taps/*.test.ts", "src/http/http.test.ts", "src/sync/exchange.test.ts"],
    testsLeftOut: {},
  },
  "gateway-journal": {
    ...gateway,
    sources: ["src/journal/**/*.ts"],
    tests: ["src/journal/**/*.test.ts", "src/chain/calls/*.test.ts", "src/taps/**/*.test.ts", "src/sync/**/*.test.ts"],
    testsLeftOut: {},
  },
  "gateway-sync": {
    ...gateway,
    sources: ["src/sync/**/*.ts", "src/clock/**/*.ts", "src/status/**/*.ts"],
    tests: ["src/status/*.test.ts", "src/clock/*.test.ts", "src/sync/**/*.test.ts"],
    testsLeftOut: {},
  },
  "gateway-refunds": {
    ...gateway,
    sources: ["src/refunds/**/*.ts"],
    tests: ["src/refunds/**/*.test.ts"],
    testsLeftOut: {},
  },
  "personalizer-steps": {
    folder: "apps/card-personalizer",
    sources: ["src/steps/**/*.ts"],
    // The tests in test/ run the program in a process of its own, in which no change is switched on.
    tests: ["src/steps/**/*.test.ts"],
    sourcesLeftOut: {},
    testsLeftOut: {},
  },
  "settlement-intake": {
    ...settlement,
    sources: ["src/vouchers/intake/**/*.ts", "src/vouchers/verification/**/*.ts", "src/vouchers/fresh/**/*.ts"],
    tests: [
      "src/vouchers/{intake,verification,fresh}/**/*.test.ts",
      "test/quiet/{store-vouchers,known-outcomes,store-reversals,contradictions,state-proofs,upload-store,set-aside}.test.ts",
    ],
    sourcesLeftOut: {
      "src/vouchers/intake/*.controller.ts": overHttp,
      "src/vouchers/verification/verification-{pool,thread}.ts": "runs in threads, in which no change is switched on",
    },
    testsLeftOut: {},
  },
  "settlement-forks": {
    ...settlement,
    sources: ["src/vouchers/forks/**/*.ts"],
    tests: ["test/quiet/{convictions,compensator,guarantee-case,arrival,owed,paid-twice,signed-sum}.test.ts"],
    sourcesLeftOut: { "src/vouchers/forks/*{.controller,-answers}.ts": overHttp },
    testsLeftOut: {},
  },
  "settlement-returns": {
    ...settlement,
    sources: ["src/vouchers/returns/**/*.ts", "src/vouchers/chain-events/returns.ts"],
    tests: ["test/quiet/{returns,store-reversals,known-outcomes}.test.ts"],
    sourcesLeftOut: { "src/vouchers/returns/*{.controller,-answers}.ts": overHttp },
    testsLeftOut: {},
  },
  "settlement-allowances": {
    ...settlement,
    sources: ["src/issuing/allowances/**/*.ts"],
    tests: ["src/issuing/allowances/**/*.test.ts", "test/quiet/allowances.test.ts"],
    sourcesLeftOut: { "src/issuing/allowances/*{.controller,-answers,-views}.ts": overHttp },
    testsLeftOut: {},
  },
  contracts: {
    folder: "contracts",
    sources: ["src/**/*.sol"],
    tests: ["test/*.t.sol"],
    sourcesLeftOut: {
      "src/testing/**": "what the tests themselves are built of",
      "src/IVault.sol": "an interface, which has no code",
      "src/IReceiveWithAuthorization.sol": "an interface, which has no code",
    },
    testsLeftOut: {
      "test/PackedGas.t.sol": "compares gas, which every change moves, however well it behaves",
      "test/Checklist.t.sol": "judges documents instead of code",
    },
    language: "solidity",
  },
} as const satisfies Record<string, Part>;

/** The name of a part. */
export type PartName = keyof typeof parts;

/** Whether a text names one of them. */
export function isPartName(text: string): text is PartName {
  return Object.hasOwn(parts, text);
}
