---
id: label-unreadable
title:
  zh: 标注中读不出编号
  en: no number can be read from the labels
action: hold
clause: 广电办发〔2024〕35号三.2
needs: [titles, labels]
applies: label_fresh
evidence: [permit, label_fresh, label_readable]
remedy:
  zh: 人工查看画面，必要时改善标注
  en: look at the frames, and make the label legible if need be
---
NOT label_readable
