/** Light and dark, phone and paper; no font or picture from anywhere. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee5; --page: #ffffff; --card: #f5f7f9;
  --rise: #b4540a; --fall: #1667a8; --good: #1a7f4b; --bad: #b3261e; --warn: #8a5a00; --same: #9aa5b1; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #a3aebb; --line: #36404c; --page: #14181d; --card: #1c2229;
  --rise: #f0a05a; --fall: #6db7f2; --good: #5fcf96; --bad: #ff8a80; --warn: #f0c265; --same: #6b7683; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
p { margin: .4rem 0; }
.soft { color: var(--soft); }
.verdict { display: inline-block; padding: .15rem .6rem; border-radius: 1rem; border: 1px solid currentColor; font-weight: 600; font-size: .85rem; }
.pass { color: var(--good); } .fail-text { color: var(--bad); } .overridden, .warning { color: var(--warn); } .error { color: var(--bad); }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.2rem 0; padding: 0; }
.numbers div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.numbers dt { color: var(--soft); font-size: .8rem; } .numbers dd { margin: 0; font-size: 1.05rem; font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; font-size: .8rem; }
th:first-child, td:first-child { min-width: 6.5rem; }
td.n, th.n { text-align: right; white-space: nowrap; overflow-wrap: normal; }
td.card { white-space: nowrap; overflow-wrap: normal; }
td.up { color: var(--rise); } td.down { color: var(--fall); }
ul { margin: .2rem 0 0; padding-left: 1.1rem; } li { margin: .1rem 0; overflow-wrap: anywhere; }
td ul { color: var(--soft); font-size: .88rem; }
.chart { display: block; width: 100%; height: auto; max-width: 29rem; } .chart text { fill: var(--ink); font: 12px system-ui, sans-serif; }
.chart .rise { fill: var(--rise); } .chart .fall { fill: var(--fall); } .chart .same { fill: var(--same); } .chart .axis { stroke: var(--line); }
code { font: .92em ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.verdicts td:first-child { white-space: nowrap; width: 1%; } .verdicts td:nth-child(2) { white-space: nowrap; width: 5.5rem; overflow-wrap: normal; }
@media (max-width: 40rem) {
  .verdicts td:first-child { white-space: normal; width: auto; }
  table, tbody, tr, td { display: block; } thead { display: none; }
  tr { border-bottom: 1px solid var(--line); padding: .5rem 0; } td { border: 0; padding: .1rem 0; }
  td.n { text-align: left; white-space: normal; } td.card { white-space: normal; overflow-wrap: anywhere; } td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); }
  td:first-child { font-weight: 600; }
}
@media print { :root { color-scheme: light; } body { font-size: 11pt; } main { max-width: none; padding: 0; } tr, .chart, .numbers div { break-inside: avoid; } h2 { break-after: avoid; } }
`;
