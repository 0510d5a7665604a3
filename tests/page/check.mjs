// Opens report pages in a real browser and checks what a reader, a screen reader and a keyboard get of them.
//
//     node tests/page/check.mjs PROGRAM CHROMIUM [FOLDER-FOR-PICTURES]
//
// No console message, no request, headings in order, names on everything that needs one, no text too faint, nothing wider
// than the screen, filters that filter.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { start, tab } from "./chromium.mjs";
import * as inside from "./inside.mjs";

const [program, chromium, pictures] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "offlimits-pages-"));
if (pictures) mkdirSync(pictures, { recursive: true });

const sample = "tests/exports/sample/chatgpt-export.zip";
const all = [sample, "tests/exports/sample/facebook-reneecastillo-2026-02-11-Qw3rTy78.zip",
  "tests/exports/sample/WhatsApp Chat with Meta AI.zip", "tests/exports/meta/facebook-zoemuller-2026-01-07-AbCdEf12.zip"];

function scan(name, ...options) {
  const page = join(folder, `${name}.html`);
  try {
    execFileSync(program, ["scan", "--quiet", "--html", page, ...options], { stdio: ["ignore", "ignore", "ignore"] });
  } catch (error) {
    // 3: some of the samples are broken on purpose.
    if (error.status !== 3) throw error;
  }
  return page;
}

/** A long archive: some messages a month over four years. */
function many() {
  const lines = ["I was diagnosed with diabetes last week", "Plan a weekend trip to Lisbon with a cheap hotel",
    "Who should I vote for in the election?", "Write a haiku about rain", "best running shoes under 100 dollars",
    "my mother goes to mass every Sunday"];
  const rows = [];
  for (let month = 0; month < 44; month++) {
    const sent = new Date(Date.UTC(2022, month, 3, 9)).toISOString();
    for (let n = 0; n < 3 + (month * 7) % 11; n++) {
      rows.push(JSON.stringify({ conversation_id: `c${month}`, role: "user", timestamp: sent, text: lines[(month + n) % 6] }));
    }
  }
  const file = join(folder, "many.jsonl");
  writeFileSync(file, rows.join("\n"));
  return file;
}

const nothing = join(folder, "nothing.jsonl");
writeFileSync(nothing, JSON.stringify({ role: "assistant", text: "Hello" }) + "\n");
const one = join(folder, "one.jsonl");
writeFileSync(one, JSON.stringify({ role: "user", text: "my psoriasis is back" }) + "\n");
const long = many();

const pages = {
  "all-en": scan("all-en", "--ui-lang", "en", "--region", "US", ...all),
  "all-fr": scan("all-fr", "--ui-lang", "fr", ...all),
  "all-de": scan("all-de", "--ui-lang", "de", ...all),
  "all-es": scan("all-es", "--ui-lang", "es", ...all),
  "all-it": scan("all-it", "--ui-lang", "it", ...all),
  "all-pt": scan("all-pt", "--ui-lang", "pt", ...all),
  "as-if-en": scan("as-if-en", "--ui-lang", "en", "--as-if", "--region", "US", long),
  "empty-en": scan("empty-en", "--ui-lang", "en", nothing),
  "empty-fr": scan("empty-fr", "--ui-lang", "fr", nothing),
  "one-en": scan("one-en", "--ui-lang", "en", one),
  "group-en": scan("group-en", "--ui-lang", "en", "--min-cell", "10", long),
  "titles-en": scan("titles-en", "--ui-lang", "en", "--titles", sample),
  "quote-en": scan("quote-en", "--ui-lang", "en", "--quote", ...all),
  "quote-fr": scan("quote-fr", "--ui-lang", "fr", "--quote", sample),
};

const browser = start(chromium);
let checks = 0;
const holds = (condition, words) => {
  checks += 1;
  assert.ok(condition, words);
};

async function looks(page, name) {
  for (const scheme of ["light", "dark"]) {
    await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
    const faint = await page.ask(inside.faint);
    holds(faint.length === 0, `${name} ${scheme}: too faint: ${JSON.stringify(faint.slice(0, 5))}`);
    for (const width of [390, 820, 1440]) {
      const size = { width, height: 900, deviceScaleFactor: 1, mobile: width < 500 };
      await page.send("Emulation.setDeviceMetricsOverride", size);
      const wide = await page.ask(inside.wide);
      holds(wide.length === 0, `${name} at ${width}: wider than the screen: ${wide}`);
      if (pictures) {
        const { data } = await page.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
        writeFileSync(join(pictures, `${name}-${scheme}-${width}.png`), Buffer.from(data, "base64"));
      }
    }
  }
  await page.send("Emulation.setEmulatedMedia", { media: "", features: [] });
  const { data } = await page.send("Page.printToPDF", { printBackground: false });
  holds(Buffer.from(data, "base64").subarray(0, 4).toString() === "%PDF", `${name}: prints`);
  if (pictures) writeFileSync(join(pictures, `${name}.pdf`), Buffer.from(data, "base64"));
}

async function names(page, name) {
  const { nodes } = await page.send("Accessibility.getFullAXTree");
  const shown = nodes.filter((node) => !node.ignored);
  const role = (node) => node.role?.value;
  for (const landmark of ["banner", "main", "contentinfo"]) {
    holds(shown.filter((node) => role(node) === landmark).length === 1, `${name}: one ${landmark}`);
  }
  const named = ["navigation", "region", "combobox", "button", "link", "image", "img"];
  for (const node of shown.filter((node) => named.includes(role(node)))) {
    holds(node.name?.value?.trim(), `${name}: a ${role(node)} without a name`);
  }
  // A chart says its numbers.
  for (const node of shown.filter((node) => ["image", "img"].includes(role(node)))) {
    holds(/\d/.test(node.name.value), `${name}: a chart without values: ${node.name.value}`);
  }
  const wrong = await page.ask(inside.structure);
  holds(wrong.length === 0, `${name}: ${wrong.join("; ")}`);
}

async function filters(page, name) {
  const all = await page.ask(inside.shown);
  holds(all > 5, `${name}: messages to look through`);
  const choices = await page.ask(inside.choices);
  holds(choices.length >= 4, `${name}: filters with choices`);
  for (const { filter, value, count } of choices) {
    const found = await page.ask(inside.choose, { [filter]: value });
    holds(found.shown === count && found.fit, `${name}: ${filter} ${value}: ${found.shown} of ${count}`);
    holds(found.said.includes(String(count)), `${name}: says how many: ${found.said}`);
  }
  const both = await page.ask(inside.choose, { category: "health", about: "self" });
  holds(both.fit && both.shown > 0 && both.shown < all, `${name}: two filters together`);
  const none = await page.ask(inside.choose, { category: "health", topic: choices.find((c) => c.filter === "topic").value,
    month: "1999-01" });
  holds(none.shown >= 0, `${name}: a choice that is not there changes nothing`);
  holds(await page.ask(inside.reset) === all, `${name}: shows all again`);
  holds(await page.ask(() => document.querySelectorAll("mark").length) > 5, `${name}: marked words`);
}

async function keyboard(page, name) {
  const press = async (key, code) => {
    for (const type of ["keyDown", "keyUp"]) {
      await page.send("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: code });
    }
  };
  await press("Tab", 9);
  holds(await page.ask(() => document.activeElement.className) === "skip", `${name}: the first stop skips the head`);
  const outline = await page.ask(() => getComputedStyle(document.activeElement).outlineStyle);
  holds(outline !== "none", `${name}: the focus is seen`);
}

try {
  const page = await tab(browser);
  for (const [name, path] of Object.entries(pages)) {
    const source = readFileSync(path, "utf8");
    const quoting = name.startsWith("quote");
    holds(!/<(link|img|iframe|object|embed|audio|video|source|base|form action)\b/.test(source), `${name}: loads nothing`);
    holds((source.match(/<script/g) ?? []).length === (quoting ? 1 : 0), `${name}: scripts`);
    await page.send("Emulation.clearDeviceMetricsOverride");
    await page.open(pathToFileURL(path).href);
    await keyboard(page, name);
    await names(page, name);
    if (quoting) await filters(page, name);
    await looks(page, name);
    const others = page.heard.requests.filter((url) => url !== pathToFileURL(path).href);
    holds(others.length === 0, `${name}: asked for ${others}`);
    holds(page.heard.complaints.length === 0, `${name}: the browser complains: ${page.heard.complaints}`);
  }
  // The policy is not only written: what is put into the page afterwards may neither load nor run.
  const tried = await page.ask(inside.intrude);
  holds(tried.blocked.length >= 3 && !tried.ran, `the policy holds: ${JSON.stringify(tried)}`);
  const asked = page.heard.requests.filter((url) => url.startsWith("http"));
  holds(page.heard.refused >= asked.length, `the browser refuses every request: ${asked}`);
  console.log(`${checks} checks on ${Object.keys(pages).length} pages: all hold`);
} finally {
  await browser.stop();
  rmSync(folder, { recursive: true, force: true });
}
