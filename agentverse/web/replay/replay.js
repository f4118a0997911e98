// Shows the journal that lies in this page. Everything in it is text: nothing is ever made into markup.
"use strict";
(() => {
  const { run, entries, titles, pictures, words } = JSON.parse(document.getElementById("run").textContent);
  const root = document.documentElement;
  let language = root.lang.startsWith("zh") ? "zh" : "en";

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const say = (name, ...filled) => String(Object.hasOwn(words[language], name) ? words[language][name] : name).replace(/\{(\d)\}/g, (_, place) => filled[place] ?? "");
  const local = (text) => (text && typeof text === "object" ? text[language] || text.en || "" : text || "");
  const short = (text, most = 200) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  const listed = (names) => short((names || []).join(", "));
  const shown = (value) => (typeof value === "boolean" ? say(value ? "yes" : "no") : typeof value === "string" ? value : JSON.stringify(value));

  // ------------------------------------------------------------------ who sits where, and which reply entered a talk
  const names = {};
  const heard = new Set();
  const unasked = new Set(); // questions to seats that took their default, for nobody was there to be asked
  const gateOf = (answer) => answer.replace(/[^/]*$/, "gate");
  const seats = new Set();
  for (const { key, event } of entries) {
    if (event.type === "scene") for (const [seat, about] of Object.entries(event.seats || {})) names[`${event.phase}/${seat}`] = about.name || seat;
    if (event.type === "line" && event.reply) heard.add(event.reply);
    if (event.type === "gate.opened" && event.seat) seats.add(key);
    if (event.type === "gate.answered" && event.by === "default" && seats.has(gateOf(key))) unasked.add(gateOf(key));
  }
  const seat = (event, name = event.seat) => names[`${event.phase}/${name}`] || name;
  const phase = (event) => local(titles[event.phase]) || event.phase || "";

  // ------------------------------------------------------------------ one event each: who, what, how it looks
  const done = (action) => say("does", say(`act_${action}`).replace(/^act_/, "").replaceAll("_", " "));
  const chosen = (text) => { try { return JSON.parse(text).action; } catch { return undefined; } };
  const reply = (event) => event.seat && typeof chosen(event.text) === "string" ? { who: seat(event), text: done(chosen(event.text)) } : ({ who: event.title || event.role, item: event.item, text: event.text, thoughts: event.thinking });
  const line = (event) => {
    const others = event.heard_by?.filter((one) => one !== event.seat);
    const only = others && (others.length ? say("only", others.map((one) => seat(event, one)).join(", ")) : say("nobody"));
    return { who: event.seat ? seat(event) : say("world"), text: event.text || (event.action ? done(event.action) : ""), note: only, look: event.seat ? "" : "soft" };
  };
  const evidence = ({ evidence: seen }) => {
    const bad = (seen.tests?.failed || 0) + (seen.tests?.errors || 0);
    const counted = seen.tests ? say("tests", seen.tests.passed || 0, bad) : "";
    return { who: say(seen.passed ? "passed" : "not_passed"), code: `$ ${(seen.command || []).join(" ")}`, text: [counted, seen.reason].filter(Boolean).join("\n"), look: seen.passed ? "good" : "bad" };
  };
  const ended = (event) => {
    const why = { turns: "turns_bound", stopped: "left" }[event.reason] || event.reason;
    const measures = Object.entries(event.measures || {}).map(([name, value]) => `${name.replaceAll("_", " ")}: ${shown(value)}`);
    return { who: `${say("over", event.turns)}: ${say(why)}`, text: [event.report, ...measures].filter(Boolean).join("\n"), look: "good" };
  };
  const remembered = (event) => {
    const values = Array.isArray(event.value) ? event.value : [];
    if (event.what === "recall") return values.length ? { text: say("remembers", seat(event), listed(values.map((one) => (/^\d+$/.test(one) ? `#${one}` : String(one))))), look: "soft" } : null;
    const gone = values.reduce((sum, one) => sum + Number(one), 0);
    return gone > 0 ? { text: say("forgets", seat(event), gone), look: "soft" } : null;
  };
  const files = (event) => ({
    text: [
      event.written?.length && say("wrote", event.author, listed(event.written)),
      event.deleted?.length && say("removed", event.author, listed(event.deleted)),
      event.conflicts?.length && say("both", listed(event.conflicts)),
    ].filter(Boolean).join("\n"),
    look: event.conflicts?.length ? "warn" : "soft",
  });
  const tellers = {
    reply: (event, key) => (heard.has(key) ? null : reply(event)),
    line, evidence, remembered, files,
    scene: (event) => ({ heading: event.title || event.stage, text: Object.keys(event.seats || {}).length ? say("seats", Object.keys(event.seats).map((one) => seat(event, one)).join(", ")) : "", look: "soft" }),
    "seat.failed": (event) => ({ who: seat(event), text: say("passes", event.reason), look: "warn" }),
    "scene.ended": ended,
    tool: (event) => ({
      text: say(event.ok ? "uses" : "in_vain", event.title || event.role, event.tool), look: event.ok ? "soft" : "warn",
      folds: [["given", JSON.stringify(event.arguments || {}, null, 1)], ["result", event.result]],
    }),
    escalated: (event) => ({ text: say("rises", event.tier, event.to, say(event.why === "failed" ? "phase_failed" : event.why)), look: "warn" }),
    "tier.spent": (event) => ({ text: say("spent", event.tier, event.used, event.allowed), look: "warn" }),
    limit: (event) => ({ text: say("limit", event.used, event.allowed, say(event.kind)), look: "bad" }),
    stuck: (event) => ({ text: say("stuck", event.measure), look: "warn" }),
    rolled_back: (event) => ({ text: say("back", event.commit.slice(0, 7), event.reason), look: "warn" }),
    "paths.refused": (event) => ({ text: say("refused", listed(Object.keys(event.paths))), look: "warn" }),
    artifact: (event) => (["files", "edits", "evidence", "text"].includes(event.kind) ? null : { text: say("made", event.name), look: "soft" }),
    "gate.opened": (event, key) => (unasked.has(key) ? null : { who: event.seat ? seat(event) : say("asks"), text: event.question, look: "person" }),
    "gate.answered": (event, key) => (unasked.has(gateOf(key)) ? null : { who: say("answers", say(event.by || "person")), text: event.choice || event.text, look: "person" }),
    said: (event) => ({ who: say("said", event.role || say("anyone")), text: event.text, look: "person" }),
    "phase.started": (event) => ({ heading: phase(event) + (event.visit > 1 ? ` · ${event.visit}` : "") }),
    "phase.skipped": (event) => ({ text: `${phase(event)}: ${say("skipped")}`, look: "soft" }),
    "phase.failed": (event) => ({ who: phase(event), text: event.reason, look: "bad" }),
    repair: (event) => ({ text: say("repair", say(event.rung), event.detail), look: "soft" }),
    model: (event) => ({ text: say("model", event.tier, event.name), look: "soft" }),
    note: (event) => ({ text: event.text, look: "soft" }),
    "run.resumed": () => ({ text: say("resumed"), look: "soft" }),
    "run.ended": (event) => ({ who: say(event.outcome), text: event.reason, look: event.outcome === "succeeded" ? "good" : event.outcome === "failed" ? "bad" : "warn" }),
  };
  const told = (entry) => tellers[entry.event.type]?.(entry.event, entry.key);
  const moments = entries.filter((entry) => { const said = told(entry); return said && (said.heading || said.who || said.text); });

  // ------------------------------------------------------------------ a moment as elements
  const fold = (name, text) => make("details", {}, make("summary", {}, say(name)), make("pre", { class: "code", dir: "auto" }, text));
  const code = (text) => make("pre", { class: "code", tabindex: "0", dir: "ltr" }, text);
  const parts = (text) => {
    const [found, lines] = [[], text.split("\n")];
    let prose = [];
    const close = () => {
      const said = prose.join("\n").trim();
      if (said) found.push(/^(<{5,} SEARCH|diff --git |@@ )/m.test(said) ? code(said) : make("p", { dir: "auto" }, said));
      prose = [];
    };
    for (let index = 0; index < lines.length; index += 1) {
      const [, mark, about] = /^[ \t]*(`{3,}|~{3,})([^`]*)$/.exec(lines[index]) || [];
      if (!mark) { prose.push(lines[index]); continue; }
      close();
      const after = lines.findIndex((line, at) => at > index && line.trim().startsWith(mark) && /^(`+|~+)$/.test(line.trim()));
      const end = after < 0 ? lines.length : after;
      if (about.trim()) found.push(make("div", { class: "path" }, about.trim()));
      found.push(code(lines.slice(index + 1, end).join("\n")));
      index = end;
    }
    close();
    return found;
  };
  const element = (entry) => {
    const said = told(entry);
    if (said.heading) return make("section", { class: "heading" }, make("h2", { dir: "auto" }, said.heading), ...(said.text ? [make("p", { class: "soft", dir: "auto" }, said.text)] : []));
    const body = [];
    if (said.who) {
      const when = new Date(entry.at * 1000).toLocaleTimeString(language);
      body.push(make("div", { class: "head" }, make("b", { dir: "auto" }, said.who), ...(said.item ? [make("code", {}, said.item)] : []), make("span", { class: "soft" }, when)));
    }
    if (said.code) body.push(make("pre", { class: "code", dir: "ltr" }, said.code));
    if (said.thoughts) body.push(fold("thoughts", said.thoughts));
    if (said.text) body.push(...parts(said.text));
    if (said.note) body.push(make("p", { class: "soft", dir: "auto" }, said.note));
    for (const [name, text] of said.folds || []) if (text) body.push(fold(name, text));
    return make("article", { class: `${said.look || ""}${said.who ? "" : " aside"}` }, ...body);
  };

  // ------------------------------------------------------------------ the page
  const range = make("input", { type: "range", min: "0", max: String(moments.length), value: String(moments.length) });
  const [play, tongue, theme] = ["play", "tongue", "theme"].map((name) => make("button", { type: "button", class: name }));
  const speed = make("select", {});
  for (const times of [1, 4, 16, 64]) speed.append(make("option", { value: String(times) }, `${times}×`));
  const [place, sums] = [make("span", { class: "soft place" }), make("p", { class: "soft" })];
  const [list, gallery] = [make("main", {}), make("footer", {})];
  document.title = run.id;
  document.body.append(
    make("header", {}, make("div", { class: "top" }, make("h1", { dir: "auto" }, run.idea), tongue, theme), sums, make("div", { class: "bar" }, play, range, place, speed)),
    list, gallery,
  );
  for (const [name, data] of Object.entries(pictures)) gallery.append(make("img", { src: `data:image/png;base64,${data}`, alt: name, loading: "lazy" }));

  let at = 0;
  let timer = 0;
  const show = (count) => {
    while (at > count) { list.lastElementChild.remove(); at -= 1; }
    const fresh = moments.slice(at, count).map(element);
    list.append(...fresh);
    at = Math.max(at, count);
    range.value = String(at);
    place.textContent = `${at} / ${moments.length}`;
  };
  const label = () => {
    play.textContent = say(timer ? "pause" : "play");
    tongue.textContent = say("language");
    theme.textContent = "◐";
    theme.setAttribute("aria-label", say("theme"));
    range.setAttribute("aria-label", say("moment"));
    speed.setAttribute("aria-label", say("speed"));
    const tokens = run.usage.prompt + run.usage.completion;
    sums.textContent = [local(run.company_title) || run.company, say(run.state), `${run.turns} ${say("turns")}`, `${tokens} ${say("tokens")}`, `${run.events} ${say("events")}`].join(" · ");
  };
  const anew = () => { const count = at; list.replaceChildren(); at = 0; label(); show(count); };
  const stop = () => { clearTimeout(timer); timer = 0; label(); };
  const step = () => {
    show(Math.min(at + 1, moments.length));
    list.lastElementChild.scrollIntoView({ block: "end" });
    if (at >= moments.length) { stop(); return; }
    const pause = Math.min(Math.max(moments[at].at - moments[at - 1].at, 0.05), 3);
    timer = setTimeout(step, (pause * 1000) / Number(speed.value));
  };
  play.addEventListener("click", () => {
    if (timer) { stop(); return; }
    if (at >= moments.length) show(0);
    step();
    if (timer) label();
  });
  range.addEventListener("input", () => { stop(); show(Number(range.value)); });
  tongue.addEventListener("click", () => { language = language === "zh" ? "en" : "zh"; root.lang = language === "zh" ? "zh-CN" : "en"; anew(); });
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  label();
  show(moments.length);
})();
