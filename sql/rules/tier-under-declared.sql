---
id: tier-under-declared
title:
  zh: 申报层级低于应属层级
  en: declared below its true tier
action: warn
clause: 广电办发〔2024〕35号三.1
needs: [titles]
applies: tier IS NOT NULL AND declared_tier IS NOT NULL
evidence: [declared_tier, tier, regime, investment_yuan, special_subjects]
remedy:
  zh: 通知供片方更正申报层级
  en: ask the supplier to correct the declared tier
because:
  zh: 一类（重点）为 1，数字越大层级越低。
  en: >-
    Tier 1 is the highest: a larger number is a lower tier.
---
declared_tier > tier
