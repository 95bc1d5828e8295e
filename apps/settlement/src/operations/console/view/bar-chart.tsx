import type { JSX } from "preact";

/** What is drawn as one bar's part, from the bottom up. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

export interface Chart {
  readonly title: string;
  /** What it shows, as one sentence: what one hears instead of the picture. */
  readonly summary: string;
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  /** A value as it is told. */
  readonly text: (value: number) => string;
}

const WIDTH = { picture: 480, left: 4, gap: 3 } as const;
const HEIGHT = { picture: 170, top: 16, bottom: 150 } as const;

/** Stacked bars as inline SVG, with all figures as a table behind it. */
export function BarChart({ title, summary, labels, series, text }: Chart): JSX.Element {
  const totals = labels.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const most = Math.max(...totals, 0);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <p class="soft">{summary}</p>
      {most === 0 ? null : <Bars labels={labels} series={series} most={most} summary={summary} text={text} />}
      {series.length < 2 ? null : (
        <ul class="key">
          {series.map(({ name }, index) => (
            <li key={name}>
              <i class={`s${index}`} />
              {name}
            </li>
          ))}
        </ul>
      )}
      {most === 0 ? null : <Figures labels={labels} series={series} text={text} title={title} />}
    </figure>
  );
}

type Drawn = Pick<Chart, "labels" | "series" | "text" | "summary"> & { readonly most: number };

function Bars({ labels, series, most, summary, text }: Drawn): JSX.Element {
  const step = (WIDTH.picture - 2 * WIDTH.left) / labels.length;
  const heightOf = (value: number): number => (value / most) * (HEIGHT.bottom - HEIGHT.top);
  return (
    <svg viewBox={`0 0 ${WIDTH.picture} ${HEIGHT.picture}`} role="img" aria-label={summary}>
      <line class="axis" x1="0" x2={WIDTH.picture} y1={HEIGHT.bottom} y2={HEIGHT.bottom} />
      <text x={WIDTH.left} y={HEIGHT.top - WIDTH.left}>
        {text(most)}
      </text>
      {labels.map((label, index) => {
        let y: number = HEIGHT.bottom;
        return series.map(({ name, values }, at) => {
          const height = heightOf(values[index] ?? 0);
          y -= height;
          if (height === 0) return null;
          return (
            <rect
              key={`${label} ${name}`}
              class={`s${at}`}
              x={round(WIDTH.left + index * step)}
              y={round(y)}
              width={round(Math.max(1, step - WIDTH.gap))}
              height={round(height)}
            />
          );
        });
      })}
      <text x={WIDTH.left} y={HEIGHT.picture - WIDTH.left}>
        {labels[0]}
      </text>
      <text x={WIDTH.picture - WIDTH.left} y={HEIGHT.picture - WIDTH.left} text-anchor="end">
        {labels.at(-1)}
      </text>
    </svg>
  );
}

function Figures({ labels, series, text, title }: Pick<Chart, "labels" | "series" | "text" | "title">): JSX.Element {
  return (
    <details>
      <summary>The figures</summary>
      <table aria-label={title}>
        <thead>
          <tr>
            <th scope="col">When</th>
            {series.map(({ name }) => (
              <th key={name} scope="col" class="n">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((label, index) => (
            <tr key={label}>
              <td>{label}</td>
              {series.map(({ name, values }) => (
                <td key={name} class="n">
                  {text(values[index] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function round(value: number): string {
  return value.toFixed(1);
}
