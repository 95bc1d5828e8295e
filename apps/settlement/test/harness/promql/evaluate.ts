import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

type Labels = Readonly<Record<string, string>>;

/** One sample with its labels; `__name__` is among them where it is a metric's own. */
interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** Two scrapes, of which the first one stands for the beginning of every range. */
export interface Scrapes {
  readonly before: string;
  readonly now: string;
}

/** The samples of a scrape. */
function samplesOf(text: string): readonly Sample[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const at = line.lastIndexOf(" ");
      const [, name = "", inner = ""] = /^([^{]+)(?:\{(.*)\})?$/.exec(line.slice(0, at)) ?? [];
      const labels = [...inner.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/gi)].map(([, key = "", value = ""]) => [
        key,
        value,
      ]);
      return {
        labels: { __name__: name, ...(Object.fromEntries(labels) as Labels) },
        value: Number(line.slice(at + 1)),
      };
    });
}

/** Names of metrics in an expression. Throws where the grammar does not take it. */
export function metricsOf(expression: string): readonly string[] {
  const names: string[] = [];
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`PromQL does not take: ${expression}`);
      if (node.name === "Identifier") names.push(expression.slice(node.from, node.to));
    },
  });
  return names;
}

/**
 * What an expression of the rules comes to: an empty list raises nothing. Knows what the rules use, and
 * throws at anything else, so that no rule is taken for tried that was not.
 */
export function evaluate(expression: string, scrapes: Scrapes): readonly Sample[] {
  metricsOf(expression);
  const before = samplesOf(scrapes.before);
  const now = samplesOf(scrapes.now);
  const text = (node: SyntaxNode): string => expression.slice(node.from, node.to);

  const child = (node: SyntaxNode, name: string): SyntaxNode => {
    const found = node.getChild(name);
    if (found === null) throw new Error(`${node.name} without ${name}: ${expression}`);
    return found;
  };
  const select = (node: SyntaxNode, from: readonly Sample[]): readonly Sample[] => {
    const name = text(child(node, "Identifier"));
    const matchers = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
    const matches = ({ labels }: Sample): boolean =>
      matchers.every((matcher) => {
        const value = labels[text(child(matcher, "LabelName"))] ?? "";
        const wanted = text(child(matcher, "StringLiteral")).slice(1, -1);
        const operation = text(child(matcher, "MatchOp"));
        if (operation === "=") return value === wanted;
        if (operation === "!=") return value !== wanted;
        if (operation === "=~") return new RegExp(`^(?:${wanted})$`).test(value);
        throw new Error(`an operation that the rules do not use: ${operation}`);
      });
    return from.filter((sample) => sample.labels["__name__"] === name && matches(sample));
  };
  const seconds = (range: string): number => {
    const [, amount = "0", unit = ""] = /^\[?(\d+)([smhd])\]?$/.exec(range) ?? [];
    return Number(amount) * ({ s: 1, m: 60, h: 3_600, d: 86_400 }[unit] ?? Number.NaN);
  };
  const overRange = (node: SyntaxNode, perSecond: boolean): readonly Sample[] => {
    const selector = child(node, "VectorSelector");
    const length = seconds(text(node).slice(text(node).indexOf("[") + 1, -1));
    const first = select(selector, before);
    const key = ({ labels }: Sample): string => JSON.stringify(labels);
    const begun = new Map(first.map((sample) => [key(sample), sample.value]));
    return select(selector, now).map((sample) => {
      const { __name__: _name, ...labels } = sample.labels;
      const change = sample.value - (begun.get(key(sample)) ?? 0);
      return { labels, value: perSecond ? change / length : change };
    });
  };
  const call = (node: SyntaxNode): readonly Sample[] => {
    const name = text(child(node, "FunctionIdentifier"));
    const body = child(node, "FunctionCallBody");
    if (name === "rate" || name === "delta") return overRange(child(body, "MatrixSelector"), name === "rate");
    if (name !== "histogram_quantile") throw new Error(`a function that the rules do not use: ${name}`);
    const share = Number(text(child(body, "NumberDurationLiteral")));
    return quantile(share, run(child(body, "AggregateExpr")));
  };
  const aggregate = (node: SyntaxNode): readonly Sample[] => {
    if (text(child(node, "AggregateOp")) !== "sum")
      throw new Error(`an aggregation that the rules do not use: ${text(node)}`);
    const by = node.getChild("AggregateModifier")?.getChild("GroupingLabels")?.getChildren("LabelName").map(text) ?? [];
    const inner = child(node, "FunctionCallBody").firstChild?.nextSibling ?? child(node, "FunctionCallBody").firstChild;
    const groups = new Map<string, Sample>();
    for (const { labels, value } of run(expressionIn(inner, node))) {
      const kept = Object.fromEntries(by.map((label) => [label, labels[label] ?? ""]));
      const key = JSON.stringify(kept);
      groups.set(key, { labels: kept, value: value + (groups.get(key)?.value ?? 0) });
    }
    return [...groups.values()];
  };
  const expressionIn = (inner: SyntaxNode | null, node: SyntaxNode): SyntaxNode => {
    const body = child(node, "FunctionCallBody");
    for (let at = body.firstChild; at !== null; at = at.nextSibling)
      if (["VectorSelector", "FunctionCall", "AggregateExpr"].includes(at.name)) return at;
    throw new Error(`nothing is summed: ${text(node)} ${inner?.name ?? ""}`);
  };
  const compare = (node: SyntaxNode): readonly Sample[] => {
    const [left, operator, right] = [node.firstChild, node.firstChild?.nextSibling, node.lastChild];
    if (left == null || operator == null || right == null) throw new Error(`half a comparison: ${text(node)}`);
    const bound = Number(text(right));
    const holds: Record<string, (value: number) => boolean> = {
      ">": (value) => value > bound,
      "<": (value) => value < bound,
      "==": (value) => value === bound,
      "!=": (value) => value !== bound,
    };
    const rule = holds[text(operator)];
    if (rule === undefined || Number.isNaN(bound))
      throw new Error(`a comparison that the rules do not use: ${text(node)}`);
    return run(left).filter(({ value }) => rule(value));
  };
  const run = (node: SyntaxNode): readonly Sample[] => {
    switch (node.name) {
      case "VectorSelector":
        return select(node, now);
      case "FunctionCall":
        return call(node);
      case "AggregateExpr":
        return aggregate(node);
      case "BinaryExpr":
        return compare(node);
      default:
        throw new Error(`an expression that the rules do not use: ${node.name}`);
    }
  };
  const top = parser.parse(expression).topNode.firstChild;
  if (top === null) throw new Error("an empty expression");
  return run(top);
}

/** As Prometheus does: linear within the bucket, the last bound for what lies beyond it. */
function quantile(share: number, buckets: readonly Sample[]): readonly Sample[] {
  const sorted = buckets
    .map(({ labels, value }) => ({ bound: labels["le"] === "+Inf" ? Infinity : Number(labels["le"]), value }))
    .toSorted((left, right) => left.bound - right.bound);
  const total = sorted.at(-1)?.value ?? 0;
  if (total === 0) return [];
  const wanted = share * total;
  const at = sorted.findIndex(({ value }) => value >= wanted);
  const { bound = 0, value = 0 } = sorted[at] ?? {};
  const { bound: lower, value: below } = sorted[at - 1] ?? { bound: 0, value: 0 };
  const found = bound === Infinity ? lower : lower + ((bound - lower) * (wanted - below)) / (value - below);
  return [{ labels: {}, value: found }];
}
