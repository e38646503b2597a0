---
id: permit-below-tier
title:
  zh: 证件层级低于作品层级
  en: the document is below the title's tier
action: block
clause: 广电办发〔2024〕35号三.1；总局令第16号第十七条
needs: [titles]
applies: permit_parsed AND NOT legacy
unknown_when: permit_rank IS NULL OR (tier IS NULL AND permit_rank <> 1)
evidence: [permit, permit_rank, issuer, issuer_level, tier, regime, investment_yuan, special_subjects, promoted, first_screen, voluntary_tier]
remedy:
  zh: 按作品层级向有权机关重新办理许可或备案
  en: obtain the document of the title's own tier from the office that may issue it
unknown_title:
  zh: 发证主体或作品层级不明：证件层级是否足够，无法判定
  en: "the issuer or the title's tier is unknown: nobody can tell whether the document is high enough"
unknown_remedy:
  zh: 补全投资额等分级依据，或在 issuers 中补全主体，再重审
  en: complete what the tier depends on, such as the investment, or the issuer in issuers, and judge again
because:
  zh: 层级高的证件可以满足低层级作品；许可证满足任何层级，作品层级不明时也不受影响。主体不明则证件层级不明，作品层级不明且证件不是许可证则无法比较，均须人工核定。
  en: >-
    A higher document satisfies a lower tier, and a licence satisfies every tier, even an unknown one. With an
    unknown issuer the document has no rank; with an unknown tier a lesser document cannot be compared: a person
    must decide.
---
permit_rank > COALESCE(tier, 1)
