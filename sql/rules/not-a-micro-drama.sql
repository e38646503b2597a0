---
id: not-a-micro-drama
title:
  zh: 单集过长，不属微短剧
  en: an episode too long for a micro-drama
action: hold
clause: 总局令第16号第二条
needs: [titles]
applies: TRUE
evidence: [longest_episode_s, episode_bound_s, episode_count, episode_count_bound, regime]
remedy:
  zh: 按网络剧等类别办理，或更正时长
  en: handle the title as a series or the like, or correct the lengths
because:
  zh: 单集时长达到界限即不属微短剧；界限按规则期设置，集数默认不设上限。
  en: >-
    From the bound on a title is no micro-drama. The bound is set per regime; the number of episodes has none by
    default.
---
(episode_bound_s IS NOT NULL AND longest_episode_s >= episode_bound_s)
OR (episode_count_bound IS NOT NULL AND episode_count > episode_count_bound)
