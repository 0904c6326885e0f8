/** The look of the HTML report: light and dark, from a telephone's width up, readable on paper. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #d5d9de; --soft: #f4f6f8; --dim: #5f6b76; --ok: #1a7f37; --changed: #9a6700;
  --bad: #c6262e; --note: #6639ba; --skip: #0b6a87; }
@media (prefers-color-scheme: dark) { :root { --line: #363c44; --soft: #1b2027; --dim: #9aa5b1; --ok: #4cc26a;
  --changed: #d9a632; --bad: #ff7b72; --note: #c297ff; --skip: #5cc8e6; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0; }
h1 span { font-weight: 400; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .35rem; }
small, header p, .zero, summary { color: var(--dim); }
small { font-weight: 400; }
.recap { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0 1rem; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
th:first-child { text-align: left; }
tbody th { font-weight: 500; }
article { border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; margin: .6rem 0; }
.entry { margin: .25rem 0; overflow-wrap: anywhere; }
code { background: var(--soft); border-radius: 4px; padding: .05rem .35rem; font-size: .9em; }
pre { background: var(--soft); border-radius: 4px; font-size: .85rem; line-height: 1.45; margin: .35rem 0; overflow-x: auto; padding: .5rem .7rem; }
.diff span { display: inline-block; min-width: 100%; }
.ok, .added { color: var(--ok); }
.changed { color: var(--changed); }
.failed, .unreachable, .removed { color: var(--bad); }
.skipped, .hunk { color: var(--skip); }
.unknown, .rescued, .ignored, .handler { color: var(--note); }
.title, .handler { font-weight: 600; }
.warnings { color: var(--note); padding-left: 1.2rem; }
.more { display: inline; }
.more summary { display: inline; cursor: pointer; }
body:has(#all:not(:checked)) .quiet { display: none; }
@media print { .switch { display: none; } article { break-inside: avoid; } }
`;
