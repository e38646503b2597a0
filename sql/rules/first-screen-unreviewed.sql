---
id: first-screen-unreviewed
title:
  zh: 首屏或招商主推作品未经复审
  en: on the first screen or sponsor-promoted without re-examination
action: hold
clause: 广电办发〔2024〕35号三.1；总局令第16号第三十条
needs: [titles, placements]
applies: platform_filing AND NOT first_screen_triggers
evidence: [permit, first_screen, promoted, regime]
remedy:
  zh: 报请复审，或撤下首屏推荐与招商主推
  en: have the finished work re-examined, or take it off the first screen and the main push
because:
  zh: 在不再以首屏、主推定级的规则期内，仅凭平台备案号登上首屏或主推的作品须由人决定。
  en: >-
    Under regimes that no longer make such titles tier 1, a title with only a platform's number on the first
    screen or in the main push is for a person to decide.
---
first_screen OR promoted
