// Calls
export { type AnswerOf, type BodyOf, type CallOptions, type ClientParts, GatewayClient, type Route } from "./client.ts";

// Sales as they happen
export { followSales, type Sale, type SaleListener } from "./follow-sales.ts";

// Why a call brought no answer
export { GatewayError, isOpenOutcome, NO_ANSWER, NOT_A_GATEWAY } from "./problem.ts";

// Time, as it is passed in
export { type After } from "./time.ts";

// Bounds
export { BEAT_DEADLINE_MS, CALL_DEADLINE_MS, FOLLOW_PAUSE_MS, MAX_EVENT_LENGTH } from "./limits.ts";
