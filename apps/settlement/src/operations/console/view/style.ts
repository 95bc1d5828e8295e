/** A table as cards: a row each, with the heads before its values. */
function cards(table: string): string {
  return `${table} thead { position: absolute; left: -99rem; }
  ${table} tr { display: block; border: 1px solid var(--line); border-radius: 8px; margin: 0 0 .75rem; padding: .35rem .6rem; }
  ${table} td { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .5rem; border: 0; padding: .2rem 0; text-align: left; white-space: normal; }
  ${table} td::before { content: attr(data-label); color: var(--soft); }`;
}

/** The colours of every page for people, light and dark, with the contrast that WCAG 2.2 asks (1.4.3). */
export const COLOURS = `
:root { color-scheme: light dark; --back: #fff; --card: #f6f8fa; --text: #1b1f24; --soft: #57606a; --line: #d0d7de;
  --good: #116329; --bad: #a40e26; --warn: #7a4d00; --link: #0550ae; --a: #0550ae; --b: #7a4d00; --c: #a40e26; --d: #57606a; }
@media (prefers-color-scheme: dark) { :root { --back: #0d1117; --card: #161b22; --text: #e6edf3; --soft: #a8b1bc; --line: #3d444d;
  --good: #56d364; --bad: #ff9a91; --warn: #e3b341; --link: #79b8ff; --a: #79b8ff; --b: #e3b341; --c: #ff9a91; --d: #a8b1bc; } }
body { background: var(--back); color: var(--text); } a { color: var(--link); }`;

/** The console's style: one column at 400 px, wide tables become cards there, light and dark. */
export const STYLE = `${COLOURS}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible, select:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--back); padding: .5rem 1rem; }
body > header, main, body > footer { max-width: 96rem; margin: 0 auto; padding: 0 1rem; }
body > header { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; padding-top: .75rem; padding-bottom: .75rem; border-bottom: 1px solid var(--line); }
body > header .brand { font-weight: 700; color: inherit; text-decoration: none; }
nav ul { display: flex; flex-wrap: wrap; gap: .1rem .9rem; list-style: none; margin: 0; padding: 0; }
nav a { display: inline-block; padding: .25rem 0; } nav a[aria-current] { color: var(--text); font-weight: 700; text-decoration-thickness: 2px; }
form.search { display: flex; gap: .4rem; flex: 1 1 16rem; min-width: 0; max-width: 34rem; }
input, select, button { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--soft); border-radius: 6px; padding: .4rem .6rem; min-height: 2.4rem; }
form.search input { flex: 1 1 auto; min-width: 0; } button { white-space: nowrap; cursor: pointer; background: var(--card); font-weight: 600; }
/* What others have written turns nothing around it, whatever controls of direction it has. */
h1, h2, h3, td > span, dd, a, small, strong { unicode-bidi: isolate; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 1.25rem 0 .5rem; } h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
p { margin: .4rem 0; max-width: 75ch; } .at, time small { white-space: nowrap; } small, .soft { color: var(--soft); font-size: .92em; }
.now { border-left: .35rem solid var(--good); background: var(--card); padding: .75rem 1rem; border-radius: 6px; margin: 1rem 0; }
.now.bad { border-color: var(--bad); } .now.warn { border-color: var(--warn); }
.now .say { font-size: 1.2rem; line-height: 1.4; font-weight: 600; margin: 0; max-width: 62ch; } .now ul { margin: .5rem 0 0; padding-left: 1.2rem; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .warn { color: var(--warn); font-weight: 600; }
.stale .now { border-color: var(--warn); } .stale .good { color: var(--warn); } .stale #live { color: var(--bad); font-weight: 600; }
.stale #situation { display: none; } .stale #away { border-color: var(--bad); font-size: 1.2rem; line-height: 1.4; font-weight: 600; }
.now.good, .now.bad, .now.warn { color: var(--text); font-weight: 400; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1rem 0; padding: 0; list-style: none; }
.tiles > li { border: 1px solid var(--line); border-radius: 8px; padding: .6rem .8rem; min-width: 0; } .tiles strong { display: block; font-size: 1.15rem; font-variant-numeric: tabular-nums; }
.charts { display: grid; gap: 1rem; }
figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; padding: .75rem; min-width: 0; } figcaption { font-weight: 600; } figure svg { display: block; width: 100%; height: auto; margin: .5rem 0; }
svg .axis { stroke: var(--line); } svg .s0 { fill: var(--a); } svg .s1 { fill: var(--b); } svg .s2 { fill: var(--c); } svg .s3 { fill: var(--d); } svg text { fill: var(--soft); font-size: 11px; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; padding: 0; margin: .3rem 0; font-size: .92em; } .key i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em; }
.key .s0 { background: var(--a); } .key .s1 { background: var(--b); } .key .s2 { background: var(--c); } .key .s3 { background: var(--d); }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { overflow-wrap: break-word; font-weight: 600; background: var(--card); } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, .hash { font: 13px/1.5 ui-monospace, monospace; }
.hash { display: inline-block; max-width: 14ch; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom; user-select: all; }
.whole { max-width: none; white-space: normal; overflow-wrap: anywhere; } h1 .hash { font-size: .8em; }
mark { background: none; color: var(--bad); font-weight: 600; text-decoration: underline dotted; text-underline-offset: 3px; } mark a { color: inherit; } mark .hash { text-decoration: inherit; }
dl.facts { display: grid; grid-template-columns: minmax(8rem, max-content) minmax(0, 1fr); gap: .25rem 1rem; margin: .75rem 0; } dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; }
ol.life { list-style: none; margin: .75rem 0; padding: 0 0 0 1rem; border-left: 2px solid var(--line); } ol.life li { margin: 0 0 .75rem; padding-left: .25rem; } ol.life time { color: var(--soft); font-size: .92em; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; } .sides > article { border: 1px solid var(--line); border-radius: 8px; padding: .75rem; min-width: 0; } .sides h3 { margin: 0 0 .4rem; font-size: 1rem; }
form.act { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: .5rem 0; } form.act label { display: grid; gap: .2rem; flex: 1 1 14rem; font-size: .92em; }
details { margin: .4rem 0; } summary { cursor: pointer; padding: .2rem 0; } .live { color: var(--soft); font-size: .92em; }
body > footer { color: var(--soft); font-size: .92em; padding-top: 1.5rem; padding-bottom: 1.5rem; }
@media (min-width: 52rem) { .charts { grid-template-columns: repeat(2, minmax(0, 1fr)); } } @media (min-width: 100rem) { .charts { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
@media (max-width: 64rem) { ${cards("table.wide")} }
@media (max-width: 46rem) { ${cards("table.rows")}
  .hash:not(.whole) { max-width: 22ch; } dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0; } dl.facts dd { margin-bottom: .5rem; }
  body > header form.search { order: 3; flex-basis: 100%; max-width: none; }
}
`;
