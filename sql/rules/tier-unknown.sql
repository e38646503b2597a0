---
id: tier-unknown
title:
  zh: 作品层级无法确定
  en: the tier cannot be derived
action: hold
clause: 广电办发〔2024〕35号三.1
needs: [titles]
applies: TRUE
evidence: [tier, regime, investment_yuan, special_subjects, promoted, first_screen, voluntary_tier, permit, permit_rank]
remedy:
  zh: 补报投资额等定级信息
  en: supply the investment and the other facts that decide the tier
because:
  zh: 投资额为空又无其他定级情形时层级不明；持许可证的作品满足任何层级，不受影响。
  en: >-
    Without an amount and without any other trigger the tier is unknown; a title with a licence satisfies every
    tier and is not concerned.
---
tier IS NULL AND permit_rank IS DISTINCT FROM 1
