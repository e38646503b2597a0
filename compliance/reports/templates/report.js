"use strict";
(function () {
  const root = document.documentElement;
  const holder = document.getElementById("data");
  const data = holder ? JSON.parse(holder.textContent) : null;
  const PAGE = 50, PRINTED = 100;
  const FIELDS = ["decision", "stage", "platform", "rule", "fresh"];
  const DECISIONS = { block: 0, hold: 1 };
  let language = root.dataset.language, page = 0, order = null, fits = [];

  /* What a table says of a text of the catalog: "constructor" is a name like any other. */
  const of = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);
  const at = (pair) => pair[language === "zh" ? 0 : 1];
  const word = (key) => at(data.words[key]);
  const byId = (id) => document.getElementById(id);

  /* Texts of the catalog become text nodes only. */
  function make(tag, options, ...children) {
    const node = document.createElement(tag);
    Object.assign(node, options);
    node.append(...children.filter((child) => child !== null));
    return node;
  }
  const plain = (text) => make("bdi", {}, text || "–");
  const chip = (action) => make("b", { className: "chip " + action }, word(action));

  /* What is said of a finding, and what is to be done, each in Chinese and English. */
  const told = (rule, outcome) => of(data.rules, rule) ? data.rules[rule][outcome] : [rule, rule, "", ""];

  const entries = !data ? [] : data.titles.map((title, place) => {
    const [id, name, platform, producer, decision, stage, regime, tier, permit, online, slots, findings] = title;
    const rules = findings.map((finding) => finding[0]);
    const said = findings.map(([rule, outcome]) => told(rule, outcome).slice(0, 2).join(" "));
    const since = findings.map((finding) => finding[3]).filter(Boolean).sort()[0] || "";
    const text = [id, name, platform, ...(of(data.platforms, platform) || []), producer, permit, regime, online, ...slots, ...rules, ...said].join("\n").toLowerCase();
    return { place, id, name, platform, producer, decision, stage, regime, tier, permit, online, slots, findings, rules, since,
      fresh: findings.some((finding) => finding[4]), text };
  });

  const KEYS = {
    id: (entry) => entry.id, name: (entry) => entry.name, platform: (entry) => entry.platform,
    decision: (entry) => DECISIONS[entry.decision] + entry.stage, tier: (entry) => String(entry.tier || "9"),
    permit: (entry) => entry.permit || "\uffff", since: (entry) => entry.since || "9",
  };

  function narrow() {
    const wanted = byId("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const [decision, stage, platform, rule, fresh] = FIELDS.map((id) => byId(id).value);
    fits = entries.filter((entry) =>
      (!decision || entry.decision === decision) && (!stage || entry.stage === stage) && (!platform || entry.platform === platform) &&
      (!rule || entry.rules.includes(rule)) && (!fresh || entry.fresh) && wanted.every((part) => entry.text.includes(part)));
    if (order) {
      const key = KEYS[order.by];
      fits.sort((one, other) => {
        const a = key(one), b = key(other);
        return (a < b ? -1 : a > b ? 1 : one.place - other.place) * (order.down ? -1 : 1);
      });
    }
    page = 0;
    draw();
  }

  function draw(first = page * PAGE, count = PAGE) {
    byId("rows").replaceChildren(...fits.slice(first, first + count).flatMap(row));
    const last = Math.min(first + count, fits.length);
    byId("shown").value = (fits.length ? (first + 1).toLocaleString("en") + "–" + last.toLocaleString("en") : "0") + " / " + fits.length.toLocaleString("en");
    byId("earlier").disabled = page === 0;
    byId("later").disabled = last >= fits.length;
    for (const head of document.querySelectorAll("th[data-by]")) {
      head.setAttribute("aria-sort", order && order.by === head.dataset.by ? (order.down ? "descending" : "ascending") : "none");
    }
  }

  function platformName(id) {
    const name = of(data.platforms, id);
    return name ? make("bdi", { title: id }, at(name)) : plain(id);
  }

  function row(entry) {
    const cells = [
      make("td", {}, plain(entry.id)),
      make("td", {}, make("strong", {}, plain(entry.name)), make("br"), make("small", {}, plain(entry.producer))),
      make("td", {}, platformName(entry.platform)),
      make("td", {}, chip(entry.decision), make("br"), make("small", {}, word(entry.stage))),
      make("td", {}, String(entry.tier || "–"), make("br"), make("small", {}, entry.regime)),
      make("td", {}, plain(entry.permit), entry.slots.length ? make("small", { className: "slots" }, word("slots") + ": " + entry.slots.map((slot) => at(data.slots[slot])).join(", ")) : null),
      make("td", { className: "nowrap" }, entry.since || "–", entry.fresh ? make("b", { className: "chip new" }, word("fresh")) : null),
      make("td", {}, ...(entry.findings.length ? entry.findings.map((one) => finding(entry.id, one)) : [word("quarantine")])),
    ];
    return [make("tr", {}, ...cells)];
  }

  function frame([picture, episode, second, outcome, text]) {
    const where = [episode === null ? "" : word("episode") + " " + episode, second === null ? "" : second + " s", at(outcome)];
    const caption = make("figcaption", {}, where.filter(Boolean).join(" · ") + (text ? ": " : ""), text ? plain(text) : null);
    return make("figure", {}, make("img", { src: picture, alt: word("frame") }), caption);
  }

  function finding(title, [rule, outcome, action, since, fresh, evidence]) {
    const [zh, en, cureZh, cureEn] = told(rule, outcome);
    const box = make("details", {}, make("summary", {}, chip(action), " " + (language === "zh" ? zh : en)));
    box.addEventListener("toggle", () => {
      if (box.children.length > 1) return;
      const list = make("dl", {});
      const add = (term, text) => list.append(make("dt", {}, term), make("dd", {}, plain(text)));
      const said = { true: word("yes"), false: word("no") };
      for (const [fact, value] of evidence) add(of(data.facts, fact) ? at(data.facts[fact]) : fact, of(said, value) || value);
      add(word("clause"), of(data.rules, rule) ? data.rules[rule].clause : "");
      add(word("remedy"), language === "zh" ? cureZh : cureEn);
      if (since) add(word("since"), since + (fresh ? " · " + word("fresh") : ""));
      box.append(list, ...(data.framed.includes(rule) ? of(data.frames, title) || [] : []).map(frame));
    });
    return box;
  }

  function fill(id, pairs) {
    const field = byId(id), kept = field.value;
    field.replaceChildren(...pairs.map(([value, text]) => make("option", { value }, text)));
    field.value = kept;
  }

  function fields() {
    const all = word("everything");
    byId("search").placeholder = word("search");
    fill("decision", [["", word("to_do") + ": " + all], ["block", word("block")], ["hold", word("hold")]]);
    fill("stage", [["", word("all_stages")], ["on_air", word("on_air")], ["prepublish", word("prepublish")]]);
    fill("fresh", [["", word("new_or_not")], ["1", word("fresh")]]);
    const platforms = [...new Set(entries.map((entry) => entry.platform))].sort();
    fill("platform", [["", word("all_platforms")], ...platforms.map((id) => [id, of(data.platforms, id) ? at(data.platforms[id]) : id || "–"])]);
    fill("rule", [["", word("all_rules")], ...Object.entries(data.rules).map(([id, said]) => [id, at(said.says)])]);
  }

  /* What a link in the text means, and nothing else. */
  function only(wanted) {
    for (const id of [...FIELDS, "search"]) byId(id).value = wanted[id] || "";
    narrow();
  }

  function choose(chosen) {
    language = root.dataset.language = chosen;
    root.lang = chosen === "zh" ? "zh-CN" : "en";
    if (!data) return;
    fields();
    draw();
  }

  for (const button of document.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => choose(button.dataset.choose));
  }
  if (data) {
    byId("search").addEventListener("input", narrow);
    for (const id of FIELDS) byId(id).addEventListener("change", narrow);
    byId("earlier").addEventListener("click", () => { page -= 1; draw(); });
    byId("later").addEventListener("click", () => { page += 1; draw(); });
    for (const head of document.querySelectorAll("th[data-by]")) {
      head.querySelector("button").addEventListener("click", () => {
        const by = head.dataset.by;
        order = { by, down: Boolean(order && order.by === by && !order.down) };
        narrow();
      });
    }
    for (const link of document.querySelectorAll("[data-rule]")) {
      link.addEventListener("click", () => { only({ rule: link.dataset.rule }); });
    }
    for (const link of document.querySelectorAll("[data-narrow]")) {
      const [decision, stage, slot] = link.dataset.narrow.split(" ").map((value) => value === "-" ? "" : value);
      link.addEventListener("click", () => { only({ decision, stage, search: slot }); });
    }
    window.addEventListener("beforeprint", () => draw(0, PRINTED));
    window.addEventListener("afterprint", () => draw());
    fits = entries;
  }
  choose(language);
  if (data) narrow();
})();
