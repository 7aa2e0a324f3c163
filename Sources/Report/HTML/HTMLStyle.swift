/// The report's style sheet: calm type, dense tables, light and dark, screen and A4.
enum HTMLStyle {
  static let sheet = """
    :root{color-scheme:light dark;--bg:#fff;--raised:#f6f7f9;--text:#1b2027;--muted:#565f6b;--line:#dde2e8;
    --accent:#0b57a4;--area:#0b57a41f;--before:#8a94a1;--good:#176f35;--warning:#8a5200;--critical:#b0241b;
    --goodbg:#eef8f1;--warningbg:#fdf5e6;--criticalbg:#fdf0ee;
    --sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;
    --mono:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
    @media (prefers-color-scheme:dark){:root{--bg:#14171c;--raised:#1c2027;--text:#e2e6eb;--muted:#9da7b3;--line:#323943;
    --accent:#7db4f2;--area:#7db4f226;--before:#75808d;--good:#6fcb8d;--warning:#e9b95c;--critical:#ff9b90;
    --goodbg:#16241b;--warningbg:#2a2212;--criticalbg:#2d1917}}
    *{box-sizing:border-box}
    html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 var(--sans)}
    a{color:var(--accent);text-decoration:none}
    a:hover{text-decoration:underline}
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px}
    .skip,.offscreen{position:absolute;left:-9999px}
    .skip:focus{left:1rem;top:1rem;background:var(--bg);padding:.5rem;z-index:1}
    .defs{position:absolute}
    .page{max-width:76rem;margin:0 auto;padding:1.5rem 1.5rem 4rem}
    .contents ol{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.9rem}
    .contents{border-bottom:1px solid var(--line);padding-bottom:.75rem;margin-bottom:1.5rem}
    main{min-width:0}
    h1{font-size:1.75rem;line-height:1.2;margin:0;letter-spacing:-.01em}
    h2{font-size:1.3rem;line-height:1.25;margin:2.75rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
    h3{font-size:1.05rem;line-height:1.3;margin:1.75rem 0 .5rem}
    h4{font-size:1rem;line-height:1.35;margin:0}
    p,ul,dl,figure,pre{margin:0 0 .75rem}
    main>header+section>h2{margin-top:1.75rem}
    .here{margin-left:.4rem;opacity:0;font-weight:400;color:var(--muted)}
    h2:hover .here,h3:hover .here,.here:focus{opacity:1}
    .subtitle{font-size:1.05rem;color:var(--muted);margin:.25rem 0 .75rem}
    .facts{display:flex;flex-wrap:wrap;gap:.35rem 2rem;font-size:.9rem}
    .facts div{display:flex;gap:.5rem}
    dt{color:var(--muted)}
    dd{margin:0}
    p,li{max-width:52rem}
    code,pre{font-family:var(--mono);font-size:.86em}
    code{overflow-wrap:anywhere}
    .icon{width:1em;height:1em;flex:none;vertical-align:-.12em;margin-right:.35em;fill:currentColor}
    .icon{stroke:none}
    symbol .m{fill:none;stroke:var(--bg);stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
    .good{color:var(--good)}.warning{color:var(--warning)}.critical{color:var(--critical)}.faint{color:var(--muted)}
    .strong{font-weight:600}
    .verdicts{list-style:none;padding:0;display:grid;gap:.75rem;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr))}
    .verdict{border:1px solid var(--line);border-left:4px solid currentColor;border-radius:4px;padding:.7rem .9rem;
    background:var(--raised)}
    .verdict.good{background:var(--goodbg)}.verdict.warning{background:var(--warningbg)}
    .verdict.critical{background:var(--criticalbg)}
    .verdict p{margin:0}
    .verdict .state{font-size:.85rem}
    .verdict .target,.verdict .value,.verdict .reason{color:var(--text)}
    .verdict .target{font-weight:600}
    .verdict .value{font-size:1.35rem;line-height:1.35;font-variant-numeric:tabular-nums}
    .verdict .reason{font-size:.88rem;color:var(--muted)}
    .move{font-size:.85rem;font-weight:500;white-space:nowrap}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));
    border:1px solid var(--line);border-radius:4px;overflow:hidden}
    .figures div{background:var(--bg);padding:.6rem .8rem;box-shadow:0 0 0 1px var(--line)}
    .figures .from{white-space:nowrap}
    .figures dt{font-size:.85rem}
    .figures .value{font-size:1.25rem;line-height:1.35;font-variant-numeric:tabular-nums}
    .figures .note{font-size:.82rem;color:var(--muted)}
    .scroll{overflow-x:auto;margin:0 0 1rem}
    table{border-collapse:collapse;width:100%;font-size:.88rem;line-height:1.4}
    caption{text-align:left;color:var(--muted);padding:0 0 .35rem;font-size:.95em}
    th,td{text-align:left;vertical-align:top;padding:.32rem .5rem;border-bottom:1px solid var(--line);font-weight:400}
    thead th{font-weight:600;color:var(--muted);border-bottom:1px solid var(--muted);vertical-align:bottom}
    th:first-child,td:first-child{padding-left:.2rem}
    th:last-child,td:last-child{padding-right:.2rem}
    .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    thead .n{white-space:normal}
    .w{min-width:15rem}
    td:not(.w) code,th:not(.w) code{white-space:nowrap}
    tbody tr:hover{background:var(--raised)}
    thead button{all:unset;cursor:pointer}
    thead button:focus-visible{outline:2px solid var(--accent)}
    thead button:hover{color:var(--text)}
    [aria-sort] button{color:var(--text)}
    [aria-sort] button::after{content:" \\25BE"}
    [aria-sort=ascending] button::after{content:" \\25B4"}
    .spark{vertical-align:middle;overflow:visible}
    .spark .l{fill:none;stroke:var(--accent);stroke-width:1.4;stroke-linejoin:round;stroke-linecap:round}
    .spark circle{fill:var(--accent)}
    .chart{margin:0 0 1.25rem}
    figcaption{font-size:.88rem;margin-bottom:.35rem}
    figcaption span{color:var(--muted)}
    .legend{margin-left:1rem;white-space:nowrap}
    .legend span{margin-right:1rem}
    .legend span::before{content:"";display:inline-block;width:1.1em;height:0;margin-right:.4em;vertical-align:.28em;
    border-top:2px solid var(--accent)}
    .legend .before::before{border-top:2px dashed var(--before)}
    .plot{display:grid;grid-template-columns:auto 1fr;gap:.25rem .6rem}
    .plot svg{display:block;width:100%;height:8.5rem;overflow:visible}
    .plot.bars{grid-template-columns:1fr;max-width:34rem}
    .plot.bars svg{height:5.5rem}
    .plot.bars .x{grid-column:1}
    .y,.x{display:flex;justify-content:space-between;font-size:.78rem;color:var(--muted);line-height:1;
    font-variant-numeric:tabular-nums}
    .y{flex-direction:column;text-align:right;margin:-.39rem 0;white-space:nowrap}
    .x{grid-column:2}
    .plot path,.plot rect{vector-effect:non-scaling-stroke}
    .plot .grid{stroke:var(--line);stroke-width:1;fill:none}
    .plot .area{fill:var(--area);stroke:none}
    .plot .l{fill:none;stroke:var(--accent);stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
    .plot .before{fill:none;stroke:var(--before);stroke-width:1.4;stroke-dasharray:4 3}
    .plot .dots{fill:none;stroke:var(--accent);stroke-width:5;stroke-linecap:round}
    .plot .old.dots{stroke:var(--before);stroke-width:3.5}
    .plot .limit{fill:none;stroke:var(--critical);stroke-width:1.2;stroke-dasharray:2 3}
    .plot .band{fill:transparent;stroke:none}
    .plot .band:hover{fill:var(--area)}
    .plot .bar{fill:var(--accent)}
    .plot .over{fill:var(--critical)}
    .note.plain,.note.warning,.note.critical,.note.good,p.note{font-size:.92rem}
    p.note{display:flex;padding:.5rem .75rem;border-radius:4px;background:var(--raised);max-width:none}
    p.note .icon{margin-top:.28em}
    p.note>span{color:var(--text)}
    p.note.warning{background:var(--warningbg)}p.note.critical{background:var(--criticalbg)}
    p.note.good{background:var(--goodbg)}
    details{border:1px solid var(--line);border-radius:4px;margin:0 0 .6rem}
    summary{cursor:pointer;padding:.45rem .75rem;font-size:.92rem}
    summary code:last-child{color:var(--muted)}
    summary:hover{background:var(--raised)}
    .inside{padding:.25rem .9rem .4rem;border-top:1px solid var(--line)}
    .inside>:first-child{margin-top:.5rem}
    .code{position:relative}
    .code figcaption{color:var(--muted);font-size:.82rem;margin-bottom:.15rem}
    pre{background:var(--raised);border:1px solid var(--line);border-radius:4px;padding:.55rem .75rem;overflow-x:auto;
    white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.45}
    .copy{position:absolute;right:.4rem;bottom:.4rem;font:.78rem var(--sans);color:var(--accent);background:var(--bg);
    border:1px solid var(--line);border-radius:3px;padding:.15rem .5rem;cursor:pointer}
    .copy:hover{border-color:var(--accent)}
    .finding{border:1px solid var(--line);border-left:4px solid var(--muted);border-radius:4px;padding:.75rem .95rem .3rem;
    margin:0 0 .9rem;color:var(--text)}
    .finding.warning{border-left-color:var(--warning)}.finding.critical{border-left-color:var(--critical)}
    .finding>header{display:grid;grid-template-columns:1fr auto;gap:0 1.5rem;margin-bottom:.5rem}
    .severity{font-size:.85rem;margin:0;color:var(--muted);grid-column:1}
    .finding.warning .severity .icon,.finding.warning .severity strong{color:var(--warning)}
    .finding.critical .severity .icon,.finding.critical .severity strong{color:var(--critical)}
    .finding h4{grid-column:1}
    .gain{grid-column:2;grid-row:1/3;text-align:right;margin:0;font-variant-numeric:tabular-nums}
    .gain strong{display:block;font-size:1.1rem;font-weight:600}
    .gain span{font-size:.82rem;color:var(--muted)}
    .evidence{display:grid;grid-template-columns:repeat(auto-fill,minmax(12rem,1fr));gap:.4rem 1.5rem;font-size:.88rem}
    .evidence .excerpt{grid-column:1/-1}
    .evidence dd{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    .evidence pre{margin:.2rem 0 0}
    .small{font-size:.82rem;color:var(--muted)}
    .rule{white-space:nowrap}
    @media (min-width:80rem){.page{max-width:104rem;display:grid;grid-template-columns:13rem minmax(0,1fr);gap:0 3rem;
    padding-top:2.5rem}
    .contents{border:0;margin:0;position:sticky;top:2.5rem;align-self:start;max-height:calc(100vh - 5rem);overflow:auto}
    .contents ol{flex-direction:column;gap:.4rem}}
    @media (max-width:40rem){body{font-size:14.5px}.page{padding:1rem .9rem 3rem}h1{font-size:1.45rem}
    .finding>header{grid-template-columns:1fr}.gain{grid-column:1;grid-row:auto;text-align:left;margin-top:.25rem}
    .gain strong{display:inline}.rule{white-space:normal}.w{min-width:13rem}
    .figures{grid-template-columns:repeat(auto-fit,minmax(8rem,1fr))}}
    @media print{@page{size:A4;margin:15mm 13mm}
    :root{color-scheme:light;--bg:#fff;--raised:#f6f7f9;--text:#000;--muted:#444c56;--line:#c9d0d8;--accent:#0b57a4;
    --area:#0b57a41f;--before:#8a94a1;--good:#176f35;--warning:#8a5200;--critical:#b0241b;--goodbg:#fff;--warningbg:#fff;
    --criticalbg:#fff}
    body{font-size:9.5pt;line-height:1.4}
    .page{display:block;max-width:none;padding:0}
    .contents,.skip,.copy,.here{display:none}
    a{color:inherit}
    h1{font-size:17pt}h2{font-size:13pt;margin-top:8mm}h3{font-size:11pt}
    h2,h3,h4,summary,figcaption,caption{break-after:avoid}
    .finding,.verdict,.chart,.figures,tr,p.note{break-inside:avoid}
    .finding,.verdict,pre{print-color-adjust:exact;-webkit-print-color-adjust:exact}
    thead{display:table-header-group}
    table{font-size:7.4pt}th,td{padding:.2rem .28rem}.w{min-width:44mm}.spark{width:58px}
    .scroll{overflow:visible}
    .plot svg{height:30mm}.plot.bars svg{height:20mm}
    details{border:0;border-top:1px solid var(--line);border-radius:0}summary{list-style:none;font-weight:600;padding-left:0}
    .inside{border:0;padding:0}}
    """
}
