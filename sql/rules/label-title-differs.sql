---
id: label-title-differs
title:
  zh: 标注的剧名与作品名不一致
  en: the title shown is not the title's name
action: hold
clause: 总局令第16号第二十七条（一）
needs: [titles, labels]
applies: online_on >= :label_title_from
evidence: [name, label_title, online_on]
remedy:
  zh: 使片头剧名与备案剧名一致
  en: make the opening show the title's own name
because:
  zh: 片头同时标注剧名与编号的要求自该日起对新上线作品适用。
  en: The duty to show title and number together concerns titles that go online from that day on.
---
label_title_differs
