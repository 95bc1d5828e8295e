/** A shape beside each colour and text, so that none of the three is needed alone. */
export type Shape =
  | "card"
  | "keep"
  | "away"
  | "good"
  | "bad"
  | "unsure"
  | "back"
  | "ask"
  | "wait"
  | "lock"
  | "sound"
  | "mute";

const CARD = "M10 30h62a6 6 0 0 1 6 6v38a6 6 0 0 1-6 6H10a6 6 0 0 1-6-6V36a6 6 0 0 1 6-6zM4 46h74";
const CIRCLE = "M50 6a44 44 0 1 1 0 88a44 44 0 1 1 0-88z";

const paths: { readonly [shape in Shape]: string } = {
  card: `${CARD}M84 14a40 40 0 0 1 10 26M76 22a28 28 0 0 1 7 18`,
  keep: `${CARD}M14 64h4M28 64h4M42 64h4`,
  away: `${CARD}M88 74V22M78 32l10-10l10 10`,
  good: `${CIRCLE}M28 52l15 15l30-32`,
  bad: "M32 6h36l26 26v36L68 94H32L6 68V32zM34 34l32 32M66 34L34 66",
  unsure: "M50 8L96 90H4zM50 38v24M50 74v3",
  back: `${CIRCLE}M70 50H32M46 34L30 50l16 16`,
  ask: `${CIRCLE}M37 40a13 13 0 1 1 18 12c-4 2-5 5-5 9M50 73v3`,
  wait: `${CIRCLE}M50 26v26l16 10`,
  sound: "M14 38h16l22-18v60L30 62H14zM66 38a16 16 0 0 1 0 24M76 26a34 34 0 0 1 0 48",
  mute: "M14 38h16l22-18v60L30 62H14zM66 40l22 22M88 40L66 62",
  lock: "M20 44h60v46H20zM32 44V30a18 18 0 0 1 36 0v14M50 62v10",
};

const SVG = "http://www.w3.org/2000/svg";

export function drawShape(document: Document, shape: Shape): Element {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("class", `shape shape-${shape}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", paths[shape]);
  svg.append(path);
  return svg;
}
