---
id: label-missing
title:
  zh: 片头未标注编号
  en: no number shown anywhere
action: block
clause: 广电办发〔2024〕35号三.2；总局令第16号第二十七条（一）
needs: [titles, labels]
applies: NOT (legacy AND permit_blank)
evidence: [permit, label_present]
remedy:
  zh: 在片头显著位置标注编号
  en: show the number in a conspicuous place of the opening
because:
  zh: 烧录、播放器叠加、详情页任一渠道有文字即不算缺失；没有编号的老片无号可标。
  en: >-
    Text in any channel counts: burned in, drawn by the player, or on the detail page. An old title without a
    number has nothing to show.
---
NOT label_present
