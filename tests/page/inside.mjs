// Functions that run inside the page. Each stands alone: it is sent as text.

/** Texts with too little contrast against what lies behind them (WCAG AA: 4.5, large text 3). */
export function faint() {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const light = ({ r, g, b }) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255 };
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const style = getComputedStyle(element);
    if (!own || style.display === "none" || ["SCRIPT", "STYLE", "TITLE", "title"].includes(element.tagName)) continue;
    const ink = parse(element instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push([element.tagName, element.className.baseVal ?? element.className, ratio]);
  }
  return found;
}

/** Elements that reach beyond the screen, tables that scroll by themselves left out. */
export function wide() {
  if (document.documentElement.scrollWidth <= document.documentElement.clientWidth) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => !element.closest(".scroll") && element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => `${element.tagName}.${element.className.baseVal ?? element.className}`);
}

/** What is amiss in headings, tables, charts, ids and language. */
export function structure() {
  const wrong = [];
  const headings = [...document.querySelectorAll("h1, h2, h3, h4")].map((heading) => Number(heading.tagName[1]));
  if (headings.filter((level) => level === 1).length !== 1) wrong.push("not one h1");
  headings.forEach((level, place) => {
    if (place && level > headings[place - 1] + 1) wrong.push(`a heading of level ${level} after ${headings[place - 1]}`);
  });
  for (const svg of document.querySelectorAll("svg")) {
    const hidden = svg.getAttribute("aria-hidden") === "true";
    if (!hidden && !(svg.getAttribute("role") === "img" && svg.getAttribute("aria-label"))) wrong.push("a chart without a name");
    if (hidden && !svg.closest("tr, .strip, figure")) wrong.push("a chart without numbers beside it");
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.querySelector("thead th[scope=col]")) wrong.push("a table without column heads");
    const cells = [...table.rows].map((row) => row.cells.length);
    if (new Set(cells).size !== 1) wrong.push(`a table with rows of ${[...new Set(cells)]} cells`);
  }
  for (const section of document.querySelectorAll("section")) {
    if (!document.getElementById(section.getAttribute("aria-labelledby"))) wrong.push("a section without a name");
  }
  for (const link of document.querySelectorAll("a[href^='#']")) {
    if (!document.getElementById(link.getAttribute("href").slice(1))) wrong.push(`a link to nowhere: ${link.href}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) wrong.push("an id twice");
  if (!["de", "en", "es", "fr", "it", "pt"].includes(document.documentElement.lang)) wrong.push("no language");
  if (/\{[a-z]+\}/.test(document.body.innerText)) wrong.push("an unfilled place in a sentence");
  return wrong;
}

export function shown() {
  return [...document.querySelectorAll("#browse-list > li")].filter((entry) => entry.offsetParent).length;
}

/** The first choices of every filter, with the number that each says. */
export function choices() {
  return [...document.querySelectorAll("#browse-filters select")].flatMap((select) =>
    [...select.options].slice(1, 6).map((option) => ({
      filter: select.name, value: option.value, count: Number(option.text.match(/\((\d+)\)$/)[1]),
    })));
}

/** Sets the filters and says what is shown then. */
export function choose(wanted) {
  const form = document.getElementById("browse-filters");
  for (const select of form.querySelectorAll("select")) select.value = wanted[select.name] ?? "";
  form.dispatchEvent(new Event("change"));
  const entries = [...document.querySelectorAll("#browse-list > li")].filter((entry) => entry.offsetParent);
  const set = [...form.querySelectorAll("select")].filter((select) => select.value);
  const fit = entries.every((entry) => set.every((s) => entry.dataset[s.name].split(" ").includes(s.value)));
  return { shown: entries.length, fit, said: document.getElementById("browse-shown").textContent };
}

export async function reset() {
  document.querySelector("#browse-filters button").click();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return [...document.querySelectorAll("#browse-list > li")].filter((entry) => entry.offsetParent).length;
}

/** Tries to load and to run what does not belong to the page. */
export async function intrude() {
  const blocked = [];
  document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
  const image = new Image();
  image.src = "http://localhost:9/pixel.png";
  document.body.append(image);
  const script = document.createElement("script");
  script.textContent = "window.intruded = true";
  document.body.append(script);
  const style = document.createElement("link");
  Object.assign(style, { rel: "stylesheet", href: "http://localhost:9/style.css" });
  document.head.append(style);
  await fetch("http://localhost:9/beacon").catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 200));
  return { blocked, ran: Boolean(window.intruded) };
}
