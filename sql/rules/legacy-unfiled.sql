---
id: legacy-unfiled
title:
  zh: 老片未补办备案
  en: an old title that was never filed
action: block
softer:
  - action: warn
    when: :as_of <= :legacy_deadline
clause: 广电办发〔2024〕35号三.2
needs: [titles]
applies: legacy
evidence: [permit_raw, online_on, status]
remedy:
  zh: 按老片补备案要求报齐材料并取得备案号，否则下线
  en: file the dossier for old titles and obtain a number, or take the title down
because:
  zh: 新规实施前已上线的作品须在截止日（含当日）前补齐备案：截止日前提示，次日起拦截。截止日各地口径不一，是一项设置。
  en: >-
    Titles online before the duty began had until the deadline, that day included, to be filed: until then a
    warning, from the next day on a block. The deadline differs by province and is a setting.
---
permit_blank
