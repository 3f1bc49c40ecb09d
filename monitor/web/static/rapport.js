// Makes the queue faster with the keyboard. Every page works without it.
"use strict";
(() => {
  const one = (query, where = document) => where.querySelector(query);
  const all = (query, where = document) => [...where.querySelectorAll(query)];
  const text = document.getElementById("text");
  const approve = document.getElementById("approve");
  let dirty = Boolean(text && text.hasAttribute("data-typed"));
  let leaving = false;

  // The draft: its length as it is typed, and what the button will do to a changed text.
  if (text) {
    const shown = document.getElementById("length");
    const start = text.value;
    const label = approve && approve.textContent;
    // As X counts: links are 23, most of the world's letters 1, the rest 2. The server's word counts.
    const weigh = (value) => {
      const links = value.match(/https?:\/\/\S+/g) || [];
      const rest = [...value.replace(/https?:\/\/\S+/g, "")].map((char) => char.codePointAt(0));
      const light = (code) => code < 0x1100 || (code >= 0x2000 && code <= 0x200d) || (code >= 0x2010 && code <= 0x201f) || (code >= 0x2032 && code <= 0x2037);
      return links.length * 23 + rest.reduce((sum, code) => sum + (light(code) ? 1 : 2), 0);
    };
    const units = {
      bytes: (value) => new TextEncoder().encode(value).length,
      graphemes: (value) => window.Intl && Intl.Segmenter ? [...new Intl.Segmenter().segment(value)].length : [...value].length,
      "weighted characters": weigh,
      characters: (value) => [...value].length,
    };
    const measure = () => {
      const value = text.value.trim();
      const long = (units[shown.dataset.unit] || units.characters)(value);
      one("b", shown).textContent = long.toLocaleString("en");
      shown.classList.toggle("bad", Boolean(shown.dataset.max) && long > Number(shown.dataset.max));
      dirty = text.hasAttribute("data-typed") || text.value !== start;
      document.getElementById("unchecked").hidden = !dirty;
      document.getElementById("checks").hidden = dirty;
      const marked = document.getElementById("marked");
      if (marked) marked.hidden = dirty;
      if (label) approve.textContent = dirty ? approve.dataset.changed : label;
    };
    text.addEventListener("input", measure);
    if (dirty) measure();
    addEventListener("pageshow", measure);
    all("form").forEach((form) => form.addEventListener("submit", () => { leaving = true; }));
    addEventListener("beforeunload", (event) => {
      if (dirty && !leaving) event.preventDefault();
    });
  }

  // One press is enough.
  all("form[method=post]").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  }));
  addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => { delete form.dataset.sent; leaving = false; }));

  all("[data-copies]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copies);
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy");
      }
      button.textContent = "Copied";
    });
  });

  // Deadlines go on while the page is open.
  const since = Date.now();
  const duration = (seconds) => {
    const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24, minutes = Math.floor(seconds / 60) % 60;
    if (days) return hours ? `${days} d ${hours} h` : `${days} d`;
    if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
    return minutes ? `${minutes} min` : `${Math.floor(seconds % 60)} s`;
  };
  const dues = all("time[data-due]").map((time) => ({ time, left: Number(time.dataset.due) }));
  setInterval(() => dues.forEach(({ time, left }) => {
    const now = left - (Date.now() - since) / 1000;
    const words = now >= 0 ? `in ${duration(now)}` : `overdue by ${duration(-now)}`;
    if (time.textContent !== words) time.textContent = words;
    time.classList.toggle("overdue", now < 0);
    time.classList.toggle("soon", now >= 0 && now <= 3600);
  }), 20000);

  // The list says how many are new; it moves only when you ask.
  const list = one("[data-poll]");
  const hint = one(".hint");
  const ask = async (url) => {
    if (document.hidden) return null;
    try {
      const answer = await fetch(url, { headers: { accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // the server restarts; the next look will tell
    }
  };
  const pace = 10000;
  if (list && hint) {
    const known = new Set(all("[data-id]", list).map((row) => Number(row.dataset.id)));
    setInterval(async () => {
      const now = await ask(list.dataset.poll);
      if (!now) return;
      const fresh = now.ids.filter((id) => !known.has(id)).length;
      const gone = [...known].filter((id) => !now.ids.includes(id)).length;
      const words = fresh ? `${fresh} new: show` : gone ? `${gone} decided: update` : "";
      if (hint.textContent !== words) hint.textContent = words;
      hint.hidden = !words;
    }, pace);
  }
  const watched = one("[data-watch]");
  if (watched) {
    const timer = setInterval(async () => {
      const now = await ask(watched.dataset.watch);
      if (!now || String(now.revision) === watched.dataset.revision) return;
      clearInterval(timer);
      if (!dirty && !one("input:focus, textarea:focus")) location.reload();
    }, 2000);
  }

  const state = document.getElementById("state");
  if (state) state.addEventListener("change", () => state.form.requestSubmit());

  // The keyboard.
  const help = document.getElementById("keys");
  const helper = one(".keys");
  if (helper && help.showModal) {
    helper.hidden = false;
    helper.addEventListener("click", () => help.showModal());
  }
  const rows = all("a.row, .look");
  const go = (step) => {
    if (!rows.length) return;
    let at = rows.indexOf(document.activeElement);
    if (at < 0) at = rows.findIndex((row) => row.hasAttribute("aria-current")) - (document.body.classList.contains("alone") ? 0 : step);
    rows[Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
  };
  const show = (element) => {
    if (!element) return;
    element.scrollIntoView({ block: "center" });
    element.focus();
  };
  const judge = (key) => {
    const button = one(`[data-key=${key}]`, document.activeElement.closest(".look") || one(".look") || document.createElement("p"));
    if (button) button.click();
  };
  const keys = {
    j: () => go(1),
    k: () => go(-1),
    o: () => {
      const row = rows.includes(document.activeElement) ? document.activeElement : one("a.row[aria-current]");
      if (row) row.click();
    },
    a: () => show(approve),
    e: () => show(text),
    r: () => {
      const reject = document.getElementById("reject");
      if (!reject) return;
      reject.open = true;
      show(one("input[type=radio]:checked", reject));
    },
    c: () => judge("c"),
    n: () => judge("n"),
    s: () => judge("s"),
    "/": () => show(document.getElementById("q")),
    "?": () => { if (help.showModal && !help.open) help.showModal(); },
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const field = event.target.closest("input:not([type=radio]), textarea, select, dialog[open]");
    if (event.key === "Escape" && field && field.tagName !== "DIALOG") field.blur();
    if (field || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
