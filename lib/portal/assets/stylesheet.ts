import { CHART_COLOURS, DARK_INKS, LIGHT_INKS } from '../charts/colours.ts';

/**
 * The portal's whole design: ink on paper, one accent, a serif for names and numbers that matter and the system's sans for
 * everything else; one scale of spaces. Light and dark follow the reader's own setting.
 */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ink: #17211e; --soft: #53605b; --paper: #f7f6f2; --sheet: #ffffff; --line: #dfe1da; --strong: #b9beb4;
  --accent: #0b5d45; --accent-ink: #ffffff; --wash: #e4efe8; --warn: #9a3412; --warn-wash: #fbede4; --good: #0b5d45;
  ${LIGHT_INKS};
  --serif: ui-serif, "Iowan Old Style", "Palatino Linotype", Charter, "Bitstream Charter", Georgia, serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font: 16px/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8ebe4; --soft: #a5b1ab; --paper: #0f1412; --sheet: #171e1b; --line: #2a3430; --strong: #46544e;
    --accent: #6ad3aa; --accent-ink: #06281c; --wash: #1b3329; --warn: #f3a985; --warn-wash: #35211a; --good: #6ad3aa;
    ${DARK_INKS};
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); min-height: 100vh; display: flex; flex-direction: column; }
a { color: var(--accent); text-underline-offset: 0.18em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--sheet); padding: 0.5rem 1rem; z-index: 1; }

header.top { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1rem; padding: 0.75rem 1.25rem; background: var(--sheet); border-bottom: 1px solid var(--line); }
.brand { display: inline-flex; gap: 0.5rem; align-items: center; font: 600 1.1rem/1.2 var(--serif); color: var(--ink); text-decoration: none; }
.mark { fill: var(--accent); } .mark .arm { stroke: var(--accent); stroke-width: 2.6; stroke-linecap: round; fill: none; }
.customer { color: var(--soft); border-left: 1px solid var(--strong); padding-left: 1rem; min-width: 0; flex: 1 1 8rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.who { margin-left: auto; display: flex; align-items: center; gap: 0.75rem; min-width: 0; }
.person { color: var(--soft); font-size: 0.9rem; max-width: 16rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
nav { background: var(--sheet); border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: 0 0.25rem; list-style: none; margin: 0; padding: 0 0.75rem; }
nav a { display: block; padding: 0.7rem 0.6rem; color: var(--soft); text-decoration: none; white-space: nowrap; border-bottom: 2px solid transparent; }
nav a:hover { color: var(--ink); }
nav a[aria-current] { color: var(--ink); border-color: var(--accent); font-weight: 600; }
main { flex: 1; width: 100%; max-width: 68rem; padding: 1.75rem 1.25rem 3rem; margin: 0 auto; }
.outside main { max-width: 46rem; } .outside main.wide, main:has(.wide) { max-width: 72rem; }
footer { color: var(--soft); font-size: 0.85rem; padding: 1rem 1.25rem 1.5rem; border-top: 1px solid var(--line); }
footer p { max-width: 68rem; margin: 0 auto; }

h1 { font: 600 1.9rem/1.2 var(--serif); letter-spacing: -0.012em; margin: 0 0 0.5rem; overflow-wrap: anywhere; text-wrap: balance; }
h2 { font: 600 1.25rem/1.3 var(--serif); margin: 2.5rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
p { max-width: 64ch; margin: 0 0 0.75rem; overflow-wrap: anywhere; }
.lead { color: var(--soft); font-size: 1.05rem; margin-bottom: 1.5rem; }
.soft, .note, .hint, .empty { color: var(--soft); }
.note, .hint { display: block; font-size: 0.875rem; font-weight: 400; margin: 0; }
.scroll + .note, .sheet + .note { margin-top: 0.6rem; }
code, pre, .key { font-family: var(--mono); font-size: 0.875em; }
code { overflow-wrap: anywhere; }
pre { background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; padding: 0.9rem 1rem; overflow-x: auto; margin: 0 0 1rem; }
ul.plain { list-style: none; margin: 0; padding: 0; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(10.5rem, 100%), 1fr)); margin: 1.25rem 0 0; border-top: 2px solid var(--ink); }
.figures > div { display: grid; grid-template-rows: subgrid; grid-row: span 2; padding: 0.9rem 1.25rem 0.9rem 0; border-bottom: 1px solid var(--line); }
.figures dt { color: var(--soft); font-size: 0.875rem; align-self: end; }
.figures dd { margin: 0.1rem 0 0; }
.figures b { font: 600 1.65rem/1.25 var(--serif); font-variant-numeric: tabular-nums lining-nums; overflow-wrap: anywhere; }
.figures .long b { font-size: 1.15rem; }
@keyframes changed { from { background: var(--wash); } }
.changed { animation: changed 1.6s ease-out; }

.columns { display: grid; gap: 0 3rem; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); }
.sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: 1.25rem; }
.scroll { position: relative; overflow-x: auto; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.65rem 1rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td, tbody tr:last-child th { border-bottom: 0; }
thead th { color: var(--soft); font-weight: 500; font-size: 0.85rem; white-space: nowrap; background: var(--paper); }
tbody th { font-weight: 500; }
td.number, th.number { text-align: right; white-space: nowrap; } .nowrap { white-space: nowrap; overflow-wrap: normal; }
tfoot th, tfoot td { border-top: 2px solid var(--ink); border-bottom: 0; font-weight: 650; }
tbody + tfoot tr:first-child > * { border-top: 2px solid var(--ink); }
td .why.warn { color: var(--warn); } td .why, th .why { display: block; font-size: 0.875rem; color: var(--soft); max-width: 60ch; overflow-wrap: anywhere; white-space: normal; }
td.acts { text-align: right; } td.acts details > div { display: grid; gap: 0.75rem; justify-items: start; text-align: left; min-width: min(18rem, 100%); }
td.acts form.stack { gap: 0.5rem; } td.acts label { font-weight: 500; }

.change { margin-bottom: 1rem; } .change h3 { margin-top: 0; } .change ul { margin: 0.75rem 0; } .change li { padding: 0.15rem 0; } .change li strong { display: inline-block; } .change li strong::first-letter { text-transform: uppercase; } .change .notice { margin: 0.75rem 0 0; }
del { color: var(--soft); } ins { text-decoration: none; font-weight: 600; }
.badge { display: inline-block; border-radius: 99px; padding: 0 0.65em; font-size: 0.8125rem; line-height: 1.6; border: 1px solid var(--strong); color: var(--soft); margin: 0 0.25em 0.25em 0; white-space: nowrap; max-width: 100%; overflow: hidden; text-overflow: ellipsis; vertical-align: bottom; }
.badge.good { border-color: transparent; background: var(--wash); color: var(--good); }
.badge.warn { border-color: var(--warn); color: var(--warn); }
.notice { border-left: 3px solid var(--accent); background: var(--wash); padding: 0.85rem 1.1rem; border-radius: 0 6px 6px 0; margin: 0 0 1.5rem; }
.notice.warn { border-color: var(--warn); background: var(--warn-wash); }
.notice p { margin: 0 0 0.4rem; } .notice p:last-child { margin: 0; }
.key { display: block; font-size: 1rem; overflow-wrap: anywhere; background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; padding: 0.7rem 0.9rem; margin: 0.5rem 0; user-select: all; }

form.stack { display: grid; gap: 1rem; justify-items: start; max-width: 34rem; }
form.inline { display: inline; } form.stack + p { margin-top: 1.25rem; }
.field { display: grid; gap: 0.2rem; width: 100%; }
.row { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 1fr)); width: 100%; align-items: end; }
label { font-weight: 600; font-size: 0.9375rem; }
input, select, textarea { font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--strong); border-radius: 6px; padding: 0.5rem 0.7rem; width: 100%; min-height: 2.75rem; }
fieldset.checks { border: 0; margin: 0; padding: 0; display: grid; gap: 0.35rem; width: 100%; }
fieldset.checks legend { font-weight: 600; font-size: 0.9375rem; padding: 0; }
label.check { display: flex; gap: 0.6rem; align-items: flex-start; font-weight: 400; padding: 0.2rem 0; min-height: 1.75rem; }
label.check input { width: 1.15rem; height: 1.15rem; min-height: 0; flex: none; margin: 0.15rem 0 0; accent-color: var(--accent); }
.levels { display: grid; gap: 1rem; margin: 0 0 1.5rem; padding: 0; list-style: none; }
.levels p { margin: 0; display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; max-width: none; }
progress { appearance: none; width: 100%; height: 0.55rem; border: 0; border-radius: 99px; background: var(--line); overflow: hidden; display: block; margin: 0.3rem 0 0; }
progress::-webkit-progress-bar { background: var(--line); } progress::-webkit-progress-value { background: var(--accent); } progress::-moz-progress-bar { background: var(--accent); }
progress.full::-webkit-progress-value { background: var(--warn); } progress.full::-moz-progress-bar { background: var(--warn); }
input[aria-invalid], textarea[aria-invalid] { border-color: var(--warn); }
.wrong { color: var(--warn); font-size: 0.9rem; margin: 0; }
button, a.button { font: inherit; font-weight: 600; border: 1px solid transparent; border-radius: 6px; padding: 0.5rem 1.1rem; min-height: 2.75rem; cursor: pointer; background: var(--accent); color: var(--accent-ink); text-decoration: none; display: inline-flex; align-items: center; }
button.quiet, a.button.quiet { background: none; color: var(--ink); border-color: var(--strong); font-weight: 500; padding: 0.25rem 0.8rem; min-height: 2.25rem; }
button.danger { background: none; color: var(--warn); border-color: var(--warn); font-weight: 500; padding: 0.25rem 0.8rem; min-height: 2.25rem; }
button:hover, a.button:hover { filter: brightness(1.08); } button[disabled] { opacity: 0.6; cursor: progress; }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; margin: 1rem 0; }

.plans { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); list-style: none; margin: 0; padding: 0; }
.plans > li { display: flex; flex-direction: column; } .plans > li h2 { margin: 0 0 0.25rem; } .plans > li .actions { margin: auto 0 0; padding-top: 1rem; }
.price b { font: 600 1.65rem/1.25 var(--serif); font-variant-numeric: tabular-nums lining-nums; }
.says { margin: 0 0 0.75rem; display: grid; gap: 0.6rem 2rem; } .sheet > .says:only-child { grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); margin: 0; } .says dt { font-weight: 600; font-size: 0.9375rem; } .says dt::first-letter { text-transform: uppercase; }
.says dd { margin: 0; font-size: 0.9375rem; overflow-wrap: anywhere; }
.lines li { display: flex; justify-content: space-between; gap: 1.5rem; } .lines .amount { white-space: nowrap; font-variant-numeric: tabular-nums; }
form.wide-form { max-width: none; margin-bottom: 1.5rem; } form.wide-form .row { align-items: start; } form.stack + .soft { margin-top: 1.25rem; } .made-of { margin-top: 1rem; }

details summary { cursor: pointer; color: var(--accent); }
details > div, details > p { margin: 0.5rem 0 0; } main details:not(.why) { margin: 0.75rem 0 1rem; } td details { margin: 0; }
.reasons { display: grid; gap: 0.9rem; margin: 0; padding: 0; list-style: none; }
.reasons p { margin: 0; } .reasons .facts { font-size: 0.875rem; color: var(--soft); }

figure { margin: 0; }
figcaption { color: var(--soft); font-size: 0.9rem; margin-bottom: 0.5rem; }
svg.chart { display: block; width: 100%; height: auto; overflow: visible; } svg.chart.narrow { display: none; }
${CHART_COLOURS}
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0; margin: 0.75rem 0 0; list-style: none; font-size: 0.9rem; }
.legend .pale { fill: var(--soft); fill-opacity: 0.35; } .legend svg { display: inline-block; width: 0.75em; height: 0.75em; margin-right: 0.45em; }

@media (min-width: 40rem) { .change li { display: grid; grid-template-columns: 12rem 1fr; gap: 0 1.5rem; } }
@media (min-width: 64rem) {
  body:not(.outside) { display: grid; grid-template: auto 1fr auto / 13.5rem 1fr; grid-template-areas: "top top" "nav main" "nav foot"; }
  body:not(.outside) header.top { grid-area: top; } body:not(.outside) main { grid-area: main; padding: 2.5rem 3rem 4rem; margin: 0; }
  body:not(.outside) footer { grid-area: foot; padding: 1rem 3rem 1.5rem; } body:not(.outside) footer p { margin: 0; }
  body:not(.outside) nav { grid-area: nav; border: 0; border-right: 1px solid var(--line); background: none; padding-top: 2rem; }
  nav ul { flex-direction: column; }
  body:not(.outside) nav a { border-bottom: 0; border-left: 2px solid transparent; padding: 0.5rem 0.9rem; }
  body:not(.outside) nav a[aria-current] { border-color: var(--accent); background: var(--wash); border-radius: 0 6px 6px 0; }
}
@media (max-width: 40rem) {
  h1 { font-size: 1.55rem; } th, td { padding: 0.55rem 0.75rem; } .person { display: none; }
  .figures { grid-template-columns: 1fr 1fr; } .figures b { font-size: 1.3rem; } .figures .long { grid-column: 1 / -1; } main { padding-top: 1.25rem; }
  header.top { padding: 0.6rem 1.25rem; flex-wrap: nowrap; } body:not(.outside) .brand .name { position: absolute; clip-path: inset(50%); width: 1px; overflow: hidden; }
  .customer { border: 0; padding: 0; color: var(--ink); font-weight: 600; }
  svg.chart.wide { display: none; } svg.chart.narrow { display: block; }
  nav ul { padding: 0.15rem 0.65rem; } nav a { padding: 0.45rem 0.6rem; }
  .stacked, .stacked tbody, .stacked tr, .stacked tbody th, .stacked td { display: block; }
  .stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacked tr { padding: 0.8rem 1rem; border-bottom: 1px solid var(--line); } .stacked tbody tr:last-child { border-bottom: 0; }
  .stacked tbody th, .stacked td { border: 0; padding: 0.1rem 0; } .stacked tbody th { font-weight: 600; overflow-wrap: anywhere; }
  .stacked td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); font-size: 0.875rem; }
  .stacked td.number { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0 1rem; } .stacked td.number[data-label]::before { content: attr(data-label); flex: 1; text-align: left; }
  .stacked td.number .why { flex-basis: 100%; max-width: none; text-align: right; }
  .stacked tfoot tr { display: flex; justify-content: space-between; } .stacked tfoot, .stacked tfoot th, .stacked tfoot td { display: block; border: 0; }
  .stacked tfoot tr { align-items: baseline; } .stacked tfoot th, .stacked tfoot td { padding: 0; } tbody th > .badge { display: block; width: max-content; margin: 0.1rem 0 0; }
  .stacked tfoot { border-top: 2px solid var(--ink); } .stacked tbody + tfoot tr:first-child > * { border: 0; }
  .badge { white-space: normal; } .stacked td.acts { text-align: left; padding-top: 0.4rem; } .stacked td:empty { display: none; }
}
@media (prefers-reduced-motion: reduce) { .changed { animation: none; } }
@media print { header.top, nav, footer, .actions, form { display: none; } body { background: #fff; } .scroll { border: 0; overflow: visible; } }
`;
