// What the tests of looks measure in an open page. Each returns what is wrong with it.
const shown = (query) => [...document.querySelectorAll(query)].filter((e) => e.checkVisibility());
const told = (e) => e.outerHTML.slice(0, 120);

const sideways = () => Math.max(0, document.documentElement.scrollWidth - innerWidth);

const nameless = () => shown("a, button, input:not([type=hidden]), select, textarea, summary")
  .filter((e) => {
    const labels = e.labels ? [...e.labels].map((label) => label.textContent).join("") : "";
    const own = ["A", "BUTTON", "SUMMARY"].includes(e.tagName) ? e.textContent : "";
    return !(e.getAttribute("aria-label") || labels || own).trim();
  })
  .map(told);

const small = () => shown(
  "button, select, input:not([type=radio], [type=checkbox]), textarea, .button, a.row, nav a, label:has([type=radio], [type=checkbox])"
)
  .filter((e) => {
    const box = e.getBoundingClientRect();
    return box.height < 43.5 || box.width < 43.5;
  })
  .map(told);

// Every piece of text against the first background behind it that is not see-through.
const faint = () => {
  const rgb = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const part = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const bad = new Set();
  for (let node; (node = walker.nextNode());) {
    const e = node.parentElement;
    if (!node.textContent.trim() || !e.checkVisibility()) continue;
    if (e.closest(".unseen, [role=img], script, noscript")) continue;
    const pair = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < 4.5) bad.add(`${contrast.toFixed(2)} ${told(e)}`);
  }
  return [...bad];
};

const shape = () => {
  const wrong = [];
  if (document.querySelectorAll("h1").length !== 1) wrong.push("h1");
  if (document.querySelectorAll("main").length !== 1) wrong.push("main");
  if (document.documentElement.lang !== "en") wrong.push("lang");
  if (!document.title.endsWith(" · Rapport")) wrong.push("title");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) wrong.push("ids twice");
  for (const name of ["aria-labelledby", "aria-describedby", "for"]) {
    document.querySelectorAll(`[${name}]`).forEach((e) => {
      e.getAttribute(name).split(" ").forEach((id) => {
        if (!document.getElementById(id)) wrong.push(`${name}=${id}`);
      });
    });
  }
  return wrong;
};

const moving = () => [...document.querySelectorAll("*")].filter((e) => {
  const style = getComputedStyle(e);
  return style.transitionDuration !== "0s" || style.animationName !== "none";
}).map(told);
