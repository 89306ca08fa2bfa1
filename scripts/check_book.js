// Sets every formula of the built book in KaTeX with errors on: node scripts/check_book.js
const fs = require("fs"), path = require("path");
const root = path.join(__dirname, "..", "book");
const katex = require(path.join(root, "assets", "katex", "katex.min.js"));
const plain = (text) => text.replace(/&quot;/g, '"').replace(/&lt;/g, "<").replace(/&gt;/g, ">")
  .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code)).replace(/&amp;/g, "&");
let count = 0, wrong = 0;
for (const file of fs.readdirSync(path.join(root, "html")).filter((f) => f.endsWith(".html"))) {
  const text = fs.readFileSync(path.join(root, "html", file), "utf8");
  for (const [, tex] of text.matchAll(/data-tex="([^"]*)"/g)) {
    count += 1;
    try { katex.renderToString(plain(tex), { throwOnError: true, strict: "error" }); }
    catch (error) { wrong += 1; console.error(`${file}: ${error.message}`); }
  }
}
console.log(`${count} formulas, ${wrong} wrong`);
process.exit(wrong === 0 && count > 500 ? 0 : 1);
