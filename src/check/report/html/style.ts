/** The whole style of the page; colours have a contrast of 4.5 at least, light and dark (WCAG 2.2, 1.4.3). */
export const style = `
:root { color-scheme: light dark; --page: #fff; --text: #1b1f24; --dim: #56606b; --line: #d0d7de; --soft: #f6f8fa; --link: #0b57b0;
  --fail: #b3111f; --fail-soft: #ffdcdc; --warn: #7d5200; --warn-soft: #fff0c7; --unknown: #4a5361; --unknown-soft: #e7ebf1; --pass: #11692c; --pass-soft: #d9f8e0 }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { --page: #0d1117; --text: #e6edf3; --dim: #9da7b3; --line: #3b434d; --soft: #161b22; --link: #6cb2ff;
  --fail: #ff8b85; --fail-soft: #4a1517; --warn: #f0c04a; --warn-soft: #40300a; --unknown: #b4bfcc; --unknown-soft: #262d37; --pass: #6fdc8c; --pass-soft: #113420 } }
:root[data-theme=dark] { color-scheme: dark; --page: #0d1117; --text: #e6edf3; --dim: #9da7b3; --line: #3b434d; --soft: #161b22; --link: #6cb2ff;
  --fail: #ff8b85; --fail-soft: #4a1517; --warn: #f0c04a; --warn-soft: #40300a; --unknown: #b4bfcc; --unknown-soft: #262d37; --pass: #6fdc8c; --pass-soft: #113420 }
:root[data-theme=light] { color-scheme: light }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
main, header, footer { max-width: 80rem; margin: 0 auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin: 1.5rem 0 .25rem; overflow-wrap: anywhere }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line) }
h3 { font-size: 1rem; margin: 1rem 0 .25rem }
a { color: var(--link) }
a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
code, pre { font: .85em ui-monospace, monospace; overflow-wrap: anywhere }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem; overflow-x: auto }
.dim { color: var(--dim) }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; padding: 0 }
.tiles > div { border: 1px solid var(--line); border-radius: .5rem; background: var(--soft); padding: .5rem 1rem }
.tiles dt { color: var(--dim); font-size: .8rem }
.tiles dd { margin: 0; font-size: 1.5rem; font-weight: 600 }
.tools { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .5rem 0 }
.tools[hidden] { display: none }
button, input { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; padding: .3rem .6rem }
button { cursor: pointer }
button[aria-pressed=true] { border-color: var(--link); box-shadow: inset 0 0 0 1px var(--link) }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0 }
table { border-collapse: separate; border-spacing: 0; width: 100% }
th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
.matrix th[scope=col], .matrix th[scope=colgroup] { background: var(--soft); font-size: .8rem; text-align: center }
.matrix th[scope=row], .matrix th:first-child { position: sticky; left: 0; background: var(--page); font-weight: 400; text-align: left }
.matrix td { text-align: center; padding: .15rem }
.matrix td a, .matrix td > span { display: block; border-radius: .3rem; padding: .1rem .4rem; text-decoration: none; color: inherit; font-size: .8rem; white-space: nowrap }
.fail { color: var(--fail) } .warn { color: var(--warn) } .unknown { color: var(--unknown) } .pass { color: var(--pass) } .n-a, .note { color: var(--dim) }
.matrix td.fail a { background: var(--fail-soft) } .matrix td.warn a { background: var(--warn-soft) }
.matrix td.unknown a { background: var(--unknown-soft) } .matrix td.pass a { background: var(--pass-soft) }
details { border: 1px solid var(--line); border-radius: .5rem; background: var(--soft); margin: .5rem 0; padding: .25rem .75rem }
details details { background: var(--page) }
summary { cursor: pointer; padding: .25rem 0; overflow-wrap: anywhere }
details ul { margin: .25rem 0; padding-left: 1.25rem }
li { overflow-wrap: anywhere }
svg { display: block; max-width: 100%; height: auto }
svg text { font: 12px system-ui, sans-serif; fill: var(--text) }
svg .box { fill: var(--soft); stroke: var(--dim) } svg .outside { fill: var(--page); stroke: var(--link) } svg .outside-text { fill: var(--link) }
svg .gone { fill: var(--page); stroke: var(--fail); stroke-dasharray: 4 3 } svg .gone-text { fill: var(--fail) }
svg .bar.fail { fill: var(--fail) } svg .bar.warn { fill: var(--warn) } svg .bar.unknown { fill: var(--unknown) } svg .bar.pass { fill: var(--pass) } svg .bar.none { fill: var(--line) }
svg text.pass { fill: var(--pass) } svg .edge { fill: none; stroke: var(--dim) } svg .tip { fill: var(--dim) } svg a:focus-visible .box { stroke: var(--link); stroke-width: 3 }
@media (max-width: 40rem) { body { font-size: 14px } .tiles > div { padding: .3rem .6rem } .tiles dd { font-size: 1.15rem } }
@media print {
  :root, :root[data-theme] { color-scheme: light; --page: #fff; --text: #000; --soft: #fff }
  .tools { display: none } details { break-inside: avoid } .wide { overflow: visible }
  details::details-content { content-visibility: visible; block-size: auto }
}
`;
