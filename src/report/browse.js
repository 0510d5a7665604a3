"use strict";
(() => {
  const form = document.getElementById("browse-filters");
  const list = document.getElementById("browse-list");
  if (!form || !list) return;
  const entries = Array.from(list.children);
  const selects = Array.from(form.querySelectorAll("select"));
  const shown = document.getElementById("browse-shown");
  const none = document.getElementById("browse-none");
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const show = () => {
    const wanted = selects.filter((select) => select.value).map((select) => [select.name, select.value]);
    let count = 0;
    for (const entry of entries) {
      const fits = wanted.every(([name, value]) => entry.dataset[name].split(" ").includes(value));
      entry.hidden = !fits;
      count += fits;
    }
    none.hidden = count > 0;
    shown.textContent = shown.dataset.text
      .replace("{n}", number.format(count)).replace("{m}", number.format(entries.length));
  };
  form.hidden = false;
  form.addEventListener("change", show);
  form.addEventListener("reset", () => setTimeout(show));
  show();
})();
