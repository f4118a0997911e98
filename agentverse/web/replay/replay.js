// Shows the journal that lies in this page. Everything in it is text: nothing is ever made into markup.
"use strict";
(() => {
  const { run, entries, pictures, words } = JSON.parse(document.getElementById("run").textContent);
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const title = (text) => (text && typeof text === "object" ? text[run.language] || text.en || "" : text || "");

  const tellers = {
    reply: (event) => [event.title || event.role, event.text],
    evidence: (event) => [
      event.evidence.passed ? words.passed : words.failed,
      [(event.evidence.command || []).join(" "), event.evidence.reason].filter(Boolean).join("\n"),
      event.evidence.passed ? "good" : "bad",
    ],
    files: (event) => [event.author, `${words.files}: ${[...(event.written || []), ...(event.deleted || [])].join(", ")}`],
    artifact: (event) => [words.made, `${event.name} (${event.kind})`],
    "gate.opened": (event) => [words.asks, event.question],
    "gate.answered": (event) => [words.answers, event.choice || event.text || ""],
    said: (event) => [`${words.said} ${event.role || "…"}`, event.text],
    "phase.started": (event) => ["", event.phase, "soft"],
    "phase.failed": (event) => [event.phase, event.reason, "bad"],
    repair: (event) => ["", event.detail, "soft"],
    note: (event) => ["", event.text, "soft"],
    "run.started": (event) => ["", event.idea],
    "run.ended": (event) => [event.outcome, event.reason || "", event.outcome === "succeeded" ? "good" : "bad"],
  };
  const shown = entries.filter((entry) => tellers[entry.event.type]);

  const article = (entry) => {
    const [who, what, style] = tellers[entry.event.type](entry.event);
    const when = new Date(entry.at * 1000).toLocaleTimeString();
    const head = make("div", { class: style || "" }, make("b", { dir: "auto" }, who), make("span", { class: "soft", dir: "auto" }, `${entry.key} · ${when}`));
    return make("article", {}, head, make("pre", { dir: "auto" }, what));
  };

  const range = make("input", { type: "range", min: "0", max: String(shown.length), value: String(shown.length), "aria-label": words.moment });
  const play = make("button", { type: "button" }, words.play);
  const speed = make("select", { "aria-label": words.speed });
  for (const times of [1, 4, 16, 64]) speed.append(make("option", { value: String(times) }, `${times}×`));
  const place = make("span", { class: "soft" });
  const list = make("main", {});
  const sums = `${title(run.company_title) || run.company} · ${run.state} · ${run.turns} · ${run.usage.prompt + run.usage.completion} tok · ${run.events} ${words.events}`;
  document.title = run.id;
  document.body.append(
    make("header", {}, make("h1", { dir: "auto" }, run.idea), make("div", { class: "soft" }, sums), make("div", { class: "bar" }, play, speed, range, place)),
    list,
  );

  let at = 0;
  let timer = 0;
  const show = (count) => {
    while (at > count) { list.lastElementChild.remove(); at -= 1; }
    while (at < count) { list.append(article(shown[at])); at += 1; }
    range.value = String(at);
    place.textContent = `${at} / ${shown.length}`;
  };
  const stop = () => { clearTimeout(timer); timer = 0; play.textContent = words.play; };
  const step = () => {
    show(Math.min(at + 1, shown.length));
    list.lastElementChild.scrollIntoView({ block: "end" });
    if (at >= shown.length) { stop(); return; }
    const pause = Math.min(Math.max(shown[at].at - shown[at - 1].at, 0.05), 3);
    timer = setTimeout(step, (pause * 1000) / Number(speed.value));
  };
  play.addEventListener("click", () => {
    if (timer) { stop(); return; }
    if (at >= shown.length) show(0);
    play.textContent = words.pause;
    step();
  });
  range.addEventListener("input", () => { stop(); show(Number(range.value)); });
  show(shown.length);
  for (const [name, data] of Object.entries(pictures)) {
    document.body.append(make("img", { src: `data:image/png;base64,${data}`, alt: name }));
  }
})();
