---
id: permit-year-implausible
title:
  zh: 编号年份不可能
  en: an impossible year in the number
action: block
clause: —（编号自身矛盾）
needs: [titles]
applies: permit_parsed AND permit_year IS NOT NULL
evidence: [permit, permit_year, permit_family]
remedy:
  zh: 按证件原文更正年份
  en: correct the year from the document itself
because:
  zh: 年份晚于审核当年，或网微剧编号早于该类编号开始核发的年份。
  en: The year lies in the future, or before the first year in which micro-drama numbers were issued.
---
permit_year > EXTRACT(YEAR FROM :as_of)
OR (permit_year < :microdrama_first_year
    AND (permit_family IS NOT DISTINCT FROM 'licence' OR permit_family IS NOT DISTINCT FROM 'filing'))
