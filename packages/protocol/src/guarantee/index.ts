// What the issuer bears of broken cards, and when (spec §6.12)
export {
  type ArrivalProofs,
  type BorneBefore,
  earliestArrival,
  type GuaranteeCase,
  type IssuerGuarantee,
  type RivalMessage,
} from "./guarantee-case.ts";
export {
  type GuaranteeRule,
  type GuaranteeRules,
  guaranteeRules,
  type GuaranteeVerdict,
  judgeGuarantee,
  type NotGuaranteedGround,
  type WithheldGround,
} from "./judge-guarantee.ts";
export {
  type AwaitedVoucher,
  type CounterUse,
  type FinalView,
  type NeverPaid,
  neverPaid,
  type SeenAt,
} from "./never-paid.ts";
export { type GuaranteedLimits, widestLimits } from "./widest-limits.ts";
