/** A text that a stranger sends, and what of it has to be seen. */
export type Payload = {
  text: string;
  /** A part of what is shown, with marks in place of what would not be seen. */
  seen: string;
  /** Names, subjects and tags may not hold it. */
  refused: boolean;
};

/** Sets a variable where it is run, which the journey looks for. */
const RUN = "globalThis.pwned=1";

const MARKUP = [
  `<script>${RUN}</script>`,
  `</script><script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload="${RUN}">`,
  `<svg><script>${RUN}</script></svg>`,
  `<svg><a xlink:href="javascript:${RUN}"><text>x</text></a></svg>`,
  `"><iframe srcdoc="<script>parent.pwned=1</script>">`,
  `<iframe src="javascript:parent.pwned=1">`,
  `<a href="javascript:${RUN}">x</a>`,
  `<form action="javascript:${RUN}"><button>x</button></form>`,
  `<object data="data:text/html,<script>${RUN}</script>">`,
  `<meta http-equiv="refresh" content="0;url=https://evil.example/">`,
  `<link rel="stylesheet" href="https://evil.example/x.css">`,
  `<base href="https://evil.example/">`,
  `<style>@import "https://evil.example/x.css"</style>`,
  `<img src="https://evil.example/pixel.gif">`,
  `<video><source onerror="${RUN}"></video>`,
  `<details open ontoggle="${RUN}">x</details>`,
  `<math><mtext><style><img src=x onerror="${RUN}">`,
  `<!--><img src=x onerror="${RUN}">-->`,
  `' onmouseover='${RUN}' x='`,
  `&lt;img src=x onerror=${RUN}&gt; &amp;`,
  `]]><script>${RUN}</script>`,
];

const MARKS_OF_OTHERS = [
  `javascript:${RUN}`,
  `JaVaScRiPt://x/%0a${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `{{constructor.constructor("${RUN}")()}}`,
  `\${${RUN}} #{7*7} <%= 7*7 %>`,
  "%s %d %n %c {0} $& $1 $`",
  "__proto__",
  "constructor.prototype",
  `=HYPERLINK("https://evil.example/","x")`,
  "../../../../etc/passwd?x=1#y",
];

const marked = (text: string, seen: string, refused: boolean): Payload => ({ text, seen, refused });

/** Forty texts: markup, other languages' marks, and characters that are not seen. */
export const PAYLOADS: readonly Payload[] = [
  ...[...MARKUP, ...MARKS_OF_OTHERS].map((text) => marked(text, text, false)),
  marked("preço\u202egpj.exe", "preço⟨U+202E⟩gpj.exe", true),
  marked("a\u2066b\u2069c", "a⟨U+2066⟩b⟨U+2069⟩c", true),
  marked("zero\u200bwidth\u200f\ufeff!", "zero⟨U+200B⟩width⟨U+200F⟩⟨U+FEFF⟩!", false),
  marked("nul\u0000 bell\u0007 esc\u001b[31m c1\u009b", "nul␀ bell␇ esc␛[31m c1⟨U+009B⟩", true),
  marked("half \ud83d of a pair", "half ⟨U+D83D⟩ of a pair", true),
  marked("line\u2028separator\u2029", "line⟨U+2028⟩separator⟨U+2029⟩", true),
  marked(`long ${"W".repeat(9_995)}`, `long ${"W".repeat(30)}`, true),
];

/** Texts that may be names. */
export const NAMES = PAYLOADS.filter(({ refused }) => !refused);
