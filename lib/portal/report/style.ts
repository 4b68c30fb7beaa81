import { CHART_COLOURS, DARK_INKS, LIGHT_INKS } from '../charts/colours.ts';

const LIGHT = `${LIGHT_INKS};--page:#fbfaf7;--sheet:#fff;--tint:#eef3ee;--warn-tint:#fdf1ea`;
const DARK = `${DARK_INKS};--page:#101614;--sheet:#171e1b;--tint:#1d2a25;--warn-tint:#2e211a`;

/** Light and dark by the reader's own setting, phone and paper; no script, no font or picture from anywhere. */
export const STYLE = `
:root{color-scheme:light dark;${LIGHT};font:16px/1.55 Inter,ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--c-ink);-webkit-text-size-adjust:100%}
main{max-width:54rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
header{border-bottom:3px solid var(--c-accent);padding-bottom:1.25rem;margin-bottom:1.75rem}
header p{margin:0;color:var(--c-soft)}
h1{font-size:clamp(1.6rem,4vw,2.25rem);line-height:1.15;letter-spacing:-.025em;margin:.15rem 0 .5rem;overflow-wrap:anywhere;text-wrap:balance}
h2{font-size:1.3rem;letter-spacing:-.015em;line-height:1.25;margin:3rem 0 .9rem}
h3{font-size:1rem;margin:1.75rem 0 .5rem;overflow-wrap:anywhere}
p{margin:.5rem 0;max-width:68ch;overflow-wrap:anywhere}
.soft,figcaption,caption{color:var(--c-soft)}
a{color:var(--c-accent);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--c-accent);outline-offset:3px}
nav{font-size:.9rem;margin-top:1rem}nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:0;padding:0}nav a{display:inline-block;padding:.3rem 0}
.ways{max-width:54rem;margin:0 auto;padding:1rem 1.25rem 0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(9.6rem,100%),1fr));gap:.75rem;margin:0 0 1.25rem}
.figures div{background:var(--sheet);border:1px solid var(--c-line);border-radius:10px;padding:.85rem 1rem}
.figures div:first-child{background:var(--tint);border-color:var(--c-accent)}
dt{color:var(--c-soft);font-size:.85rem}
dd{margin:0;font-size:1.45rem;font-weight:650;letter-spacing:-.02em;line-height:1.3;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
dd.note{font-size:.82rem;font-weight:400;letter-spacing:0;color:var(--c-soft);margin-top:.15rem}
.notice{background:var(--tint);border-left:4px solid var(--c-accent);border-radius:0 8px 8px 0;padding:.6rem .9rem;margin:.6rem 0;max-width:none}
.notice.warning{background:var(--warn-tint);border-color:var(--c-warn)}
figure{margin:0 0 1.25rem;background:var(--sheet);border:1px solid var(--c-line);border-radius:10px;padding:1rem}
figcaption{font-size:.85rem;margin-top:.6rem}
svg{display:block;width:100%;height:auto}.narrow{display:none}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:.6rem 0 0;padding:0;font-size:.85rem}
.legend svg{display:inline-block;width:.75rem;height:.75rem;margin-right:.4rem}
.tags{display:flex;flex-wrap:wrap;gap:.35rem;list-style:none;margin:.4rem 0 .8rem;padding:0}
.tags li{background:var(--tint);border-radius:99px;padding:.1rem .7rem;font-size:.85rem;overflow-wrap:anywhere}
.scroll{overflow-x:auto;background:var(--sheet);border:1px solid var(--c-line);border-radius:10px;margin:0 0 1.25rem}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.93rem}
caption{text-align:left;font-size:.85rem;padding:.7rem 1rem .2rem}
th,td{text-align:left;vertical-align:top;padding:.55rem .5rem;border-bottom:1px solid var(--c-line);overflow-wrap:anywhere;font-weight:400}
th:first-child,td:first-child{padding-left:1rem}th:last-child,td:last-child{padding-right:1rem}
thead th{font-size:.8rem;color:var(--c-soft);font-weight:550}
.n{text-align:right;white-space:nowrap;overflow-wrap:normal}
tbody th{min-width:7.5rem}
tbody tr:last-child>*{border-bottom:0}
tfoot>tr>*{border-top:2px solid var(--c-ink);border-bottom:0;font-weight:650}
small{display:block;font-weight:400;color:var(--c-soft);font-size:.8rem;line-height:1.45;max-width:60ch}
details{margin:0 0 1.25rem}summary{cursor:pointer;color:var(--c-accent);padding:.4rem 0}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--c-line);color:var(--c-soft);font-size:.85rem;overflow-wrap:anywhere}
${CHART_COLOURS}
@media (max-width:34rem){
main{padding:1.5rem 1rem 3rem}.wide{display:none}.narrow{display:block}figure{padding:.75rem}
.figures{grid-template-columns:1fr 1fr}.figures div:first-child{grid-column:1/-1}dd{font-size:1.15rem}.figures div:first-child dd:first-of-type{font-size:1.6rem}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack,.stack tbody,.stack tfoot,.stack tr,.stack caption{display:block}
.stack tr{padding:.7rem 1rem;border-bottom:1px solid var(--c-line);display:grid;gap:.15rem}
.stack tbody tr:last-child{border-bottom:0}
.stack tbody th{font-weight:600}
.stack th,.stack td{display:flex;justify-content:space-between;gap:1rem;border:0;padding:0!important;text-align:right;white-space:normal}
.stack tbody th,.stack tfoot th,.stack .words{display:block;text-align:left}
.stack td[data-label]::before{content:attr(data-label);color:var(--c-soft);font-size:.85rem;font-weight:400;text-align:left}
.stack .words[data-label]::before{display:block}
.stack td:empty{display:none}
.stack tfoot tr{border-top:2px solid var(--c-ink)}
}
@page{margin:16mm 15mm}
@media print{
:root{color-scheme:light;${LIGHT};--page:#fff;font-size:10.5pt}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:none;padding:0}nav{display:none}h2{break-after:avoid;margin-top:1.6rem}h3{break-after:avoid}
figure,.figures div,tr,.notice{break-inside:avoid}.scroll{overflow:visible}thead{display:table-header-group}tfoot{display:table-row-group}
.wide{display:block}.narrow{display:none}details>summary{display:none}details::details-content{content-visibility:visible;block-size:auto}
}
`;
