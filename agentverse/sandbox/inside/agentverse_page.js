// Runs beside a page's own scripts, in a world that they cannot reach; made from `agentverse.sandbox.live.browser`.
// Takes an order, does the part of it that must be done in the page, and returns what the host does next.
(order) => {
  const LONGEST = 20000;
  const USABLE =
    "a[href],button,input:not([type=hidden]),select,textarea,summary,label,option,[role=button],[role=link]," +
    "[role=tab],[role=menuitem],[role=checkbox],[role=radio],[role=switch],[role=option],[onclick]";
  const PRESSED = ["button", "submit", "reset", "image"];
  const MARKED = ["checkbox", "radio"];
  const PICKED = ["date", "time", "datetime-local", "month", "week", "color", "range"];

  const squeeze = (value) => String(value ?? "").toLowerCase().replace(/\s+/g, " ").trim();
  const bare = (value) => squeeze(value).replace(/[\s:*]+$/, "") || squeeze(value);
  const typeOf = (element) => (element.localName === "input" ? element.type : element.localName);
  const isField = (element) =>
    element.isContentEditable ||
    (["input", "textarea", "select"].includes(element.localName) && ![...PRESSED, "hidden"].includes(element.type));

  const isShown = (element) => {
    if (element.localName === "option") return isShown(element.closest("select") ?? document.body);
    const style = getComputedStyle(element);
    return element.getClientRects().length > 0 && style.visibility === "visible";
  };
  const all = (selector) => [...document.querySelectorAll(selector)].slice(0, 5000).filter(isShown);

  const labels = (element) => [...(element.labels ?? [])].map((label) => label.innerText);
  const attributes = (element) =>
    ["aria-label", "placeholder", "name", "id", "title", "alt"].map((name) => element.getAttribute(name));
  const words = (element) => (PRESSED.includes(element.type) && element.value) || element.innerText || element.label;
  const before = (element) => [
    element.previousSibling?.textContent,
    element.parentElement?.previousElementSibling?.textContent,
  ];

  // The first element that one of these ways of naming it fits; whole names go before parts of names.
  const named = (elements, wanted, ways) => {
    for (const fits of [(name) => name === wanted, (name) => name.includes(wanted)]) {
      for (const way of ways) {
        const found = elements
          .map((element) => [element, way(element).map(bare).filter((name) => name && fits(name))])
          .filter(([, names]) => names.length)
          .sort((one, other) => one[1][0].length - other[1][0].length);
        if (found.length) return found[0][0];
      }
    }
    return null;
  };
  const selected = (selector) => {
    try {
      return [...document.querySelectorAll(selector)].find(isShown) ?? null;
    } catch {
      return null;
    }
  };

  const at = (element) => {
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = [...element.getClientRects()].find((rect) => rect.width && rect.height);
    const { x, y, width, height } = box ?? element.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  };
  const changed = (element) => {
    for (const name of ["input", "change"]) element.dispatchEvent(new Event(name, { bubbles: true }));
    return { done: true };
  };
  const choose = (select, option) => {
    option.selected = true;
    return changed(select);
  };

  const list = (names) => {
    const plain = names.map((name) => String(name ?? "").replace(/\s+/g, " ").trim());
    return { missing: [...new Set(plain)].filter(Boolean).slice(0, 12).join(", ") };
  };

  const read = () => {
    const fields = all("input,textarea,select").filter((field) => field.type !== "password");
    const values = fields.map((field) => {
      if (field.localName === "select") return [...field.selectedOptions].map((option) => option.label).join(" ");
      return MARKED.includes(field.type) ? "" : field.value || field.placeholder;
    });
    const parts = [document.title, document.body?.innerText, ...values.filter(Boolean)];
    return parts.filter(Boolean).join("\n").slice(0, LONGEST);
  };

  const click = (what) => {
    const plain = squeeze(what).replace(/^(["'])(.*)\1$/, "$2");
    const usable = all(USABLE);
    const ways = [(element) => [words(element)], labels, attributes];
    const shorter = bare(plain.replace(/\s+(button|link|tab|checkbox)$/, ""));
    let found = named(usable, bare(plain), ways) ?? named(usable, shorter, ways) ?? selected(what);
    found ??= named(all("body *").filter((element) => !element.childElementCount), bare(plain), ways);
    if (!found) return list(usable.filter((element) => !isField(element)).map((element) => words(element)));
    if (found.localName === "option") return choose(found.closest("select"), found);
    // There is one window only: what would open another opens here.
    found.closest("[target]")?.removeAttribute("target");
    found.form?.removeAttribute("target");
    return at(found);
  };

  const write = (what, text) => {
    const fields = all("input,textarea,select,[contenteditable]").filter(isField);
    const active = document.activeElement;
    const wanted = bare(bare(what).replace(/\s+(field|input|box)$/, ""));
    let field = what ? named(fields, wanted, [labels, attributes, before]) ?? selected(what) : null;
    if (field && !isField(field)) field = field.querySelector("input,textarea,select");
    if (!what) field = active && isField(active) ? active : fields.find((one) => !MARKED.includes(one.type));
    if (!field) return list(fields.flatMap((one) => [...labels(one), ...attributes(one)].filter(Boolean).slice(0, 1)));
    if (field.localName === "select") {
      const option = named([...field.options], bare(text), [(one) => [one.label], (one) => [one.value]]);
      return option ? choose(field, option) : { ...list([...field.options].map((one) => one.label)), choice: true };
    }
    if (MARKED.includes(field.type)) {
      const on = field.type === "radio" || !["", "no", "off", "false", "0", "unchecked"].includes(squeeze(text));
      return field.checked === on ? { done: true } : at(field);
    }
    at(field);
    field.focus();
    if (PICKED.includes(typeOf(field))) {
      field.value = text;
      return changed(field);
    }
    if (what && field.select) field.select();
    else if (what) getSelection().selectAllChildren(field);
    return { ready: true };
  };

  if (order.do === "read") return read();
  return order.do === "click" ? click(order.what) : write(order.what, order.text);
}
