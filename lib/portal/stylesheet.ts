/**
 * The pages' whole design: one scale of spaces and sizes, one accent, light and dark from the reader's own setting.
 * Served as a file, so that the content security policy can forbid inline styles and scripts.
 */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ink: #16211f; --ink-soft: #51605c; --paper: #fbfaf7; --sheet: #ffffff; --line: #dcdfd8;
  --accent: #0b6e4f; --accent-soft: #d8ebe1; --warn: #9a3412;
  --c1: #0b6e4f; --c2: #c9772b; --c3: #3b6fb5; --c4: #8a4f9e; --c5: #7d8a86;
  --step: 0.5rem; --radius: 6px;
  font: 16px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e9ece6; --ink-soft: #a3b0ab; --paper: #101614; --sheet: #18201d; --line: #2d3834;
    --accent: #5fd0a5; --accent-soft: #1d3a2f; --warn: #f2a27a;
    --c1: #4fbf94; --c2: #e0a062; --c3: #7ba7e0; --c4: #c08ad2; --c5: #93a19c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); }
a { color: var(--accent); text-underline-offset: 0.15em; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--sheet); padding: var(--step); }
header.top { border-bottom: 1px solid var(--line); background: var(--sheet); }
header.top > div, main { max-width: 68rem; margin: 0 auto; padding: calc(2 * var(--step)) calc(2 * var(--step)); }
header.top > div { display: flex; flex-wrap: wrap; gap: calc(2 * var(--step)); align-items: baseline; }
header.top strong { letter-spacing: -0.01em; }
header.top span { color: var(--ink-soft); }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.02em; margin: var(--step) 0 calc(2 * var(--step)); overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: calc(4 * var(--step)) 0 var(--step); }
p { max-width: 62ch; margin: 0 0 var(--step); }
.soft { color: var(--ink-soft); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(11rem, 100%), 1fr)); gap: var(--step); margin: 0; padding: 0; list-style: none; }
.figures li { background: var(--sheet); border: 1px solid var(--line); border-radius: var(--radius); padding: calc(1.5 * var(--step)); }
.figures span { display: block; color: var(--ink-soft); font-size: 0.85rem; }
.figures b { font-size: 1.2rem; font-weight: 620; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: var(--radius); padding: calc(2 * var(--step)); }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--accent); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: calc(0.75 * var(--step)) var(--step); border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--ink-soft); font-weight: 500; font-size: 0.85rem; white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
tfoot th, tfoot td { border-bottom: 0; border-top: 2px solid var(--ink); font-weight: 620; }
details summary { cursor: pointer; color: var(--accent); }
details p, td .why { font-size: 0.9rem; color: var(--ink-soft); overflow-wrap: anywhere; }
td .why { display: block; max-width: 52ch; }
.tag { display: inline-block; background: var(--accent-soft); color: var(--ink); border-radius: 99px; padding: 0 0.6em; font-size: 0.85rem; margin: 0 0.25em 0.25em 0; }
.tag.warn { background: none; border: 1px solid var(--warn); color: var(--warn); }
code { font: 0.85em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { background: var(--sheet); border: 1px solid var(--line); border-radius: var(--radius); padding: calc(1.5 * var(--step)); overflow-x: auto; margin: 0; }
figure { margin: 0; }
svg.chart { display: block; width: 100%; height: auto; }
svg.chart text { fill: var(--ink-soft); font-size: 11px; }
svg.chart .grid { stroke: var(--line); }
.s1 { fill: var(--c1); background: var(--c1); } .s2 { fill: var(--c2); background: var(--c2); } .s3 { fill: var(--c3); background: var(--c3); }
.s4 { fill: var(--c4); background: var(--c4); } .s5 { fill: var(--c5); background: var(--c5); }
.legend { display: flex; flex-wrap: wrap; gap: calc(2 * var(--step)); padding: 0; margin: var(--step) 0 0; list-style: none; font-size: 0.9rem; }
.legend i { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 2px; margin-right: 0.4em; }
@media (max-width: 40rem) { th, td { padding: calc(0.5 * var(--step)); } h1 { font-size: 1.4rem; } }
@media print { header.top, .no-print { display: none; } body { background: #fff; } details { display: block; } }
`;
