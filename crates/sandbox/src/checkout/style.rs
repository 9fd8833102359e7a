//! How the pages look, light and dark. It must not know what is on them.

pub(super) const CSS: &str = "
:root{color-scheme:light dark;--bg:#fff;--side:#f6f8fa;--ink:#1a1f36;--soft:#4f566b;--line:#8792a2;--go:#0057b8;
--go-ink:#fff;--bad:#b3093c;--bad-bg:#fff0f3;--good:#0e6245;--ring:#0570de}
@media (prefers-color-scheme:dark){:root{--bg:#16181d;--side:#1f232b;--ink:#f2f4f8;--soft:#b6bfcc;--line:#76808f;
--go:#7cb7ff;--go-ink:#0b1a2b;--bad:#ff9db3;--bad-bg:#3a1620;--good:#7fe0b5;--ring:#9ccaff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
.test{margin:0;padding:.25rem 1rem;background:#ffde92;color:#3b2500;text-align:center;font-size:.875rem}
main{display:grid;grid-template-columns:1fr 1fr;min-height:calc(100vh - 2rem)}
.order,.pay{padding:2rem clamp(1rem,5vw,4rem)}
.order{background:var(--side)}
.note,.shop{display:block;max-width:44rem;margin:0 auto;padding:2rem 1rem}
@media (max-width:48rem){main{grid-template-columns:1fr}}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem}h2{font-size:1.125rem;margin:1.5rem 0 .5rem}
a{color:var(--go)}
ul.items{list-style:none;margin:0;padding:0}
ul.items form{grid-column:1/-1}
ul.items>li{display:grid;grid-template-columns:1fr auto;gap:.25rem 1rem;padding:.75rem 0;border-bottom:1px solid var(--line)}
dl{display:grid;grid-template-columns:1fr auto;gap:.25rem 1rem;margin:1rem 0}dd{margin:0;text-align:right}
dl .total{font-weight:700;border-top:1px solid var(--line);padding-top:.5rem}
.soft{color:var(--soft);font-size:.875rem}.off{color:var(--good)}
label,legend{display:block;font-weight:600;margin:.75rem 0 .25rem}
fieldset{border:0;margin:0;padding:0}
.row{display:grid;grid-template-columns:1fr 1fr;gap:0 .75rem}
.line{display:flex;gap:.5rem;align-items:end;flex-wrap:wrap}
input,select{width:100%;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.375rem;background:var(--bg);
color:var(--ink);font:inherit}
input[type=radio]{width:auto;margin-right:.5rem}.line input{width:auto;flex:1 1 8rem}
.choice{font-weight:400}
[aria-invalid=true]{border-color:var(--bad);border-width:2px}
:focus-visible{outline:3px solid var(--ring);outline-offset:2px}
button{padding:.625rem 1rem;border:1px solid var(--go);border-radius:.375rem;background:transparent;color:var(--go);
font:inherit;font-weight:600;cursor:pointer}
button.go{width:100%;margin-top:1.25rem;background:var(--go);color:var(--go-ink)}
.error{color:var(--bad);margin:.25rem 0 0;font-size:.875rem}
.alert{padding:.75rem 1rem;border:1px solid var(--bad);border-radius:.375rem;background:var(--bad-bg);color:var(--bad)}
.card{border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:0 0 1rem}
";
