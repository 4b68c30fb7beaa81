/** Plain, and readable in the light and in the dark; not Stripe's look, so that nobody takes one for the other. */
export const PAGE_STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;padding:2rem 1.25rem}main{max-width:38rem;margin:0 auto}h1{font-size:1.5rem;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;margin:1rem 0}th,td{text-align:left;padding:.4rem .5rem;border-bottom:1px solid #8888}
td:last-child,th:last-child{text-align:right;white-space:nowrap}
label{display:block;margin:0 0 1rem}select,button{font:inherit;padding:.5rem .9rem;min-height:2.75rem}
button{cursor:pointer}[role=alert]{border-left:4px solid #b3261e;padding:.5rem .9rem}[role=status]{border-left:4px solid #2a7a3b;padding:.5rem .9rem}`;
