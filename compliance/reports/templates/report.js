"use strict";
(function () {
  const root = document.documentElement;
  const words = {
    zh: { search: "搜索编号、剧名、平台、规则…", shown: "显示", "": "拦截与待审", block: "拦截", hold: "待审" },
    en: { search: "search id, name, platform, rule …", shown: "shown:", "": "blocked and held", block: "blocked", hold: "held" },
  };
  const search = document.getElementById("search");
  const decision = document.getElementById("decision");
  const shown = document.getElementById("shown");
  const rows = Array.from(document.querySelectorAll("#titles tbody tr"), (row) => ({
    row, decision: row.dataset.decision, text: row.textContent.toLowerCase(),
  }));

  function narrow() {
    const wanted = search.value.trim().toLowerCase();
    let count = 0;
    for (const entry of rows) {
      const fits = (!decision.value || entry.decision === decision.value) && entry.text.includes(wanted);
      entry.row.hidden = !fits;
      if (fits) count += 1;
    }
    shown.value = words[root.dataset.language].shown + " " + count.toLocaleString("en");
  }

  function choose(language) {
    root.dataset.language = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    if (!search) return;
    search.placeholder = words[language].search;
    for (const option of decision.options) option.textContent = words[language][option.value];
    narrow();
  }

  for (const button of document.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => choose(button.dataset.choose));
  }
  if (search) {
    search.addEventListener("input", narrow);
    decision.addEventListener("change", narrow);
  }
  choose(root.dataset.language);
})();
