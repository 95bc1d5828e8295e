// What the sandbox says: one place for its sentences.
import { EIGHT_DAYS_SECONDS, HOUR_SECONDS, SIX_DAYS_SECONDS } from "./limits.mjs";

/** The positions of each switch: what is sent, and what stands on it. */
export const networkPositions = [
  { value: "on", label: "On" },
  { value: "cut", label: "Cut" },
  { value: "stalled", label: "Stands still" },
];

export const settlementPositions = [
  { value: "up", label: "Up" },
  { value: "down", label: "Down" },
];

export const clockPositions = [
  { value: 0, label: "Right" },
  { value: -HOUR_SECONDS, label: "1 h behind" },
  { value: HOUR_SECONDS, label: "1 h ahead" },
  { value: SIX_DAYS_SECONDS, label: "6½ d ahead" },
  { value: EIGHT_DAYS_SECONDS, label: "8 d ahead" },
];

export const switchHelp = {
  network: "Between terminals and settlement, and terminals and chain.",
  settlement: "The service itself. What it had stays on disk.",
  clock: "With a line the terminal notices. Cut the line first to see what a week without it is like.",
};

/** The state of the line, for the corner of the page. */
export function lineText({ network, settlement }) {
  if (settlement === "changing") return { text: "Settlement is changing …", kind: "warn" };
  if (settlement === "down") return { text: "Settlement is down", kind: "warn" };
  if (network === "cut") return { text: "The line is cut", kind: "warn" };
  if (network === "stalled") return { text: "The line stands still", kind: "warn" };
  return { text: "Connected", kind: "good" };
}

/** What settlement says of a card, in few words. */
export function worthText({ settlement }) {
  if (settlement === null) return "";
  if (settlement.convicted) return "Double spend found";
  if (settlement.status !== "valid") return "Blocked";
  return `${settlement.balance} behind it`;
}

export function placeText({ place, tears }) {
  if (place === null) return "In the pocket";
  return tears ? `Loosely on reader ${place}` : `On reader ${place}`;
}
